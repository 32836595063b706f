export type AccessErrorCode =
  | 'users_unreadable'
  | 'acl_unreadable'
  | 'user_exists'
  | 'users_full'
  | 'unknown_user'
  | 'bad_user_name'
  | 'bad_organisation'
  | 'bad_password';

/** What is wrong with a user, a password or one of the files; the message says where and how to mend it. */
export class AccessError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: AccessErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'AccessError';
  }
}
