import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** A password as it is kept: scrypt (RFC 7914) with the parameters that it was made with. */
export interface PasswordHash {
  /** Cost: a power of two. Memory is 128 × n × r bytes. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export const passwordLimits = {
  /** For passwords that are set; what is tried has no least length. */
  minBytes: 8,
  maxBytes: 1_024,
};

/** What new hashes are made with: 32 MiB, about 0.1 s. */
export const scryptParameters = { n: 2 ** 15, r: 8, p: 1, saltBytes: 16, hashBytes: 32 };

/** What is accepted in a file. The upper bounds keep a line from taking the process's memory, the lower ones keep a hash worth its name. */
export const scryptBounds = {
  minN: 2 ** 14,
  maxN: 2 ** 18,
  maxR: 16,
  maxP: 8,
  minSaltBytes: 8,
  maxSaltBytes: 64,
  minHashBytes: 32,
  maxHashBytes: 64,
};

export async function hashPassword(password: Buffer): Promise<PasswordHash> {
  const { n, r, p, saltBytes, hashBytes } = scryptParameters;
  const salt = randomBytes(saltBytes);
  return { n, r, p, salt, hash: await derive(password, { n, r, p, salt }, hashBytes) };
}

/** On the thread pool, in a time that depends on the parameters alone. */
export async function matchesPassword(password: Buffer, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, expected, expected.hash.length), expected.hash);
}

/** Matches nothing that anybody could know: for users who are not there, so that time does not tell. */
export function impossibleHash(): PasswordHash {
  const { n, r, p, saltBytes, hashBytes } = scryptParameters;
  return { n, r, p, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) };
}

function derive(password: Buffer, { n, r, p, salt }: Omit<PasswordHash, 'hash'>, bytes: number): Promise<Buffer> {
  // Node's own bound is just too low for n = 2^15 with r = 8.
  const options: ScryptOptions = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
