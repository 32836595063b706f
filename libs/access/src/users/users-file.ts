import { readFile } from 'node:fs/promises';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { AccessError } from '../access-error.js';
import { type PasswordHash, scryptBounds } from '../password/password-hash.js';
import { isOrganisation, isUserName, type User, userLimits } from './user.js';

const base64 = '^[A-Za-z0-9+/]+={0,2}$';

const UserLine = Type.Object(
  {
    name: Type.String(),
    organisation: Type.String(),
    disabled: Type.Optional(Type.Boolean()),
    scrypt: Type.Object(
      {
        n: Type.Integer({ minimum: scryptBounds.minN, maximum: scryptBounds.maxN }),
        r: Type.Integer({ minimum: 1, maximum: scryptBounds.maxR }),
        p: Type.Integer({ minimum: 1, maximum: scryptBounds.maxP }),
        salt: Type.String({ pattern: base64 }),
        hash: Type.String({ pattern: base64 }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** Users by name. */
export type Users = ReadonlyMap<string, User>;

/**
 * The users file: one JSON object a line; empty lines and lines that begin with # are left alone.
 * @param path stands in error messages.
 * @throws AccessError `users_unreadable` with the line's number and what is wrong in it.
 */
export function parseUsers(text: string, path: string): Users {
  const users = new Map<string, User>();
  const lines = new Map<string, number>();
  const { maxUsers, maxFileBytes, disabledBytes } = userLimits;
  const readableBytes = maxFileBytes + maxUsers * disabledBytes;
  if (text.length > readableBytes) throw unreadable(path, `it is larger than ${readableBytes} bytes`);
  for (const [index, line] of text.split('\n').entries()) {
    if (!holdsUser(line)) continue;
    const at = `line ${index + 1}`;
    const user = parseLine(line, (reason) => unreadable(path, `${at}: ${reason}`));
    const earlier = lines.get(user.name);
    if (earlier !== undefined) throw unreadable(path, `${at}: the user "${user.name}" stands there twice, first in line ${earlier}`);
    if (users.size >= maxUsers) throw unreadable(path, `${at}: there are more than ${maxUsers} users`);
    users.set(user.name, user);
    lines.set(user.name, index + 1);
  }
  return users;
}

/** @throws AccessError `users_unreadable`. */
export async function readUsers(path: string): Promise<Users> {
  try {
    return parseUsers(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof AccessError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw noUsersFile(path);
    throw unreadable(path, reasonOf(cause));
  }
}

function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'it is a folder; name the file in it';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it; run as its owner';
  return cause instanceof Error ? cause.message : String(cause);
}

export function noUsersFile(path: string): AccessError {
  return new AccessError(
    'users_unreadable',
    `There is no users file ${path}. \`npx milepost users add\` makes it; if the users are elsewhere, name their file with --users or MQTT_USERS_FILE.`,
  );
}

export function holdsUser(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}

export function formatUser({ name, organisation, disabled, password: { n, r, p, salt, hash } }: User): string {
  const scrypt = { n, r, p, salt: salt.toString('base64'), hash: hash.toString('base64') };
  return JSON.stringify({ name, organisation, ...(disabled && { disabled }), scrypt });
}

function parseLine(line: string, refusal: (reason: string) => AccessError): User {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    // The parser's words quote the line, which may be a password: of a file that was named by mistake.
    throw refusal('it is not JSON, as `npx milepost users add` writes it; is this the users file?');
  }
  if (!Value.Check(UserLine, content)) {
    const errors = [...Value.Errors(UserLine, content)].slice(0, 3).map((error) => `${error.instancePath || '/'} ${error.message}`);
    throw refusal(errors.join('; '));
  }
  const { name, organisation, disabled = false, scrypt } = content;
  if (!isUserName(name)) throw refusal(`"${name}" is no user name (letters, digits, . _ @ -, at most 64)`);
  if (!isOrganisation(organisation)) throw refusal('/organisation must be 1 to 64 printable characters');
  return { name, organisation, disabled, password: passwordOf(scrypt, refusal) };
}

function passwordOf({ n, r, p, ...encoded }: Static<typeof UserLine>['scrypt'], refusal: (reason: string) => AccessError): PasswordHash {
  if (!Number.isInteger(Math.log2(n))) throw refusal('/scrypt/n must be a power of two');
  const salt = Buffer.from(encoded.salt, 'base64');
  const hash = Buffer.from(encoded.hash, 'base64');
  const { minSaltBytes, maxSaltBytes, minHashBytes, maxHashBytes } = scryptBounds;
  if (salt.length < minSaltBytes || salt.length > maxSaltBytes)
    throw refusal(`/scrypt/salt must have ${minSaltBytes} to ${maxSaltBytes} bytes`);
  if (hash.length < minHashBytes || hash.length > maxHashBytes)
    throw refusal(`/scrypt/hash must have ${minHashBytes} to ${maxHashBytes} bytes`);
  return { n, r, p, salt, hash };
}

function unreadable(path: string, reason: string): AccessError {
  return new AccessError('users_unreadable', `The users in ${path} cannot be used: ${reason}.`);
}
