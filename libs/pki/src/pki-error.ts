export type PkiErrorCode =
  | 'authority_missing'
  | 'authority_exists'
  | 'authority_damaged'
  | 'trust_unreadable'
  | 'crl_unreadable'
  | 'bad_vehicle_id'
  | 'bad_validity'
  | 'unknown_vehicle';

/** What went wrong with a certificate, list or folder; the message says where and how to mend it. */
export class PkiError extends Error {
  constructor(
    readonly code: PkiErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'PkiError';
  }
}
