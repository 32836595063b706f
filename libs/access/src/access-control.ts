import { followFile } from '@milepost/files';
import type { AccessRights } from './acl/access-rights.js';
import { Acl, parseAcl } from './acl/acl.js';
import { PasswordVerifier, type PasswordVerifierLimits } from './password/password-verifier.js';
import type { User } from './users/user.js';
import { parseUsers } from './users/users-file.js';

export interface AccessControlOptions {
  usersFile: string;
  /** Left out: nobody is granted anything. */
  aclFile?: string | undefined;
  limits?: Partial<PasswordVerifierLimits>;
  /** How often the files are looked at: with the time to read them this bounds how long a change takes to count. */
  pollMs?: number;
  /** A changed file cannot be used; the last good one stays. */
  onProblem?(error: Error): void;
}

export type Login = { readonly kind: 'right'; readonly user: User } | { readonly kind: 'wrong' } | { readonly kind: 'busy' };

/** Who comes in with a password, and what they may do. It follows its files; rights are answered from memory. */
export interface AccessControl {
  readonly userCount: number;
  /** Logins that wait for their turn. */
  readonly waitingCount: number;
  /** `from`: where the login comes from; each place has its part of the logins that wait. */
  login(name: string, password: Buffer, from: string): Promise<Login>;
  rightsOf(user: User, clientId: string): AccessRights;
  /**
   * Whether a login of this user would still stand: the user is there and enabled, with the organisation and the password of then.
   */
  stands(user: User): boolean;
  /** After a change of users or ACL: look at open connections again. @returns what ends the listening. */
  onChange(listener: () => void): () => void;
  /** Looks at the files now instead of at the next poll. */
  reload(): Promise<void>;
  close(): void;
}

/** @throws AccessError, or the file system's, when a file cannot be used now: at the start there is no last good one to keep. */
export async function loadAccessControl({ usersFile, aclFile, limits, ...following }: AccessControlOptions): Promise<AccessControl> {
  const users = await followFile(usersFile, { parse: parseUsers, ...following });
  const acl =
    aclFile === undefined
      ? undefined
      : await followFile(aclFile, { parse: parseAcl, ...following }).catch((error: unknown) => {
          users.close();
          throw error;
        });
  const nothing = new Acl([], new Map());
  const verifier = new PasswordVerifier(limits);
  return {
    get userCount() {
      return users.content.size;
    },
    get waitingCount() {
      return verifier.waitingCount;
    },
    async login(name, password, from) {
      const user = users.content.get(name);
      const verdict = await verifier.verify(user, name, password, from);
      return verdict === 'right' && user !== undefined ? { kind: 'right', user } : { kind: verdict === 'busy' ? 'busy' : 'wrong' };
    },
    rightsOf: ({ name }, clientId) => (acl?.content ?? nothing).rightsOf(name, clientId),
    stands({ name, organisation, password }) {
      const now = users.content.get(name);
      return now !== undefined && !now.disabled && now.organisation === organisation && now.password.hash.equals(password.hash);
    },
    onChange(listener) {
      const stops = [users.onChange(() => listener()), acl?.onChange(() => listener())];
      return () => {
        for (const stop of stops) stop?.();
      };
    },
    async reload() {
      await Promise.all([users.reload(), acl?.reload()]);
    },
    close() {
      users.close();
      acl?.close();
    },
  };
}
