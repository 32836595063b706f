export type BackingServiceErrorCode =
  | 'kafka_unreachable'
  | 'postgres_unreachable'
  | 'postgres_too_old'
  | 'java_missing'
  | 'maven_missing'
  | 'download_failed'
  | 'platform_unsupported'
  | 'folder_unreachable'
  | 'folder_in_use'
  | 'folder_damaged';

/** Why Kafka or Postgres cannot be had; the message says what to do about it. */
export class BackingServiceError extends Error {
  constructor(
    readonly code: BackingServiceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BackingServiceError';
  }
}
