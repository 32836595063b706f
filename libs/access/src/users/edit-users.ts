import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { makeFolder, withLock, writeFileAtomically } from '@milepost/files';
import { AccessError } from '../access-error.js';
import { hashPassword, passwordLimits } from '../password/password-hash.js';
import { isOrganisation, isUserName, type User, userLimits } from './user.js';
import { formatUser, holdsUser, noUsersFile, parseUsers, readUsers, type Users } from './users-file.js';

/** Readable by its owner alone, unless somebody has decided otherwise for the file that is there. */
const PRIVATE = 0o600;

/** Who is to be added, before somebody is asked for the password. @throws as `addUser`, but for the password. */
export async function requireNewUser(file: string, { name, organisation }: { name: string; organisation: string }): Promise<void> {
  requireNames(name, organisation);
  requireFree(parseUsers((await presentFile(file)).text, file), name, file);
}

/** Whose password is to be changed, before somebody is asked for it. @throws AccessError `unknown_user`, `users_unreadable`. */
export async function requireUser(file: string, name: string): Promise<void> {
  userOf(await readUsers(file), name, file);
}

/**
 * Adds a user to the file, which is made if it is not there.
 * @throws AccessError `user_exists`, `users_full`, `bad_user_name`, `bad_organisation`, `bad_password`, `users_unreadable`.
 */
export async function addUser(
  file: string,
  { name, organisation, password }: { name: string; organisation: string; password: Buffer },
): Promise<void> {
  requireNames(name, organisation);
  const user: User = { name, organisation, disabled: false, password: await hashed(password) };
  await makeFolder(dirname(resolve(file)), 0o700);
  await edit(file, (users, lines) => {
    requireFree(users, name, file);
    return [...lines, formatUser(user)];
  });
}

/** @throws AccessError `unknown_user`, `users_unreadable`. */
export function removeUser(file: string, name: string): Promise<void> {
  return editUser(file, name, () => undefined);
}

/** @throws AccessError `unknown_user`, `bad_password`, `users_unreadable`. */
export async function setUserPassword(file: string, name: string, password: Buffer): Promise<void> {
  const hash = await hashed(password);
  await editUser(file, name, (user) => ({ ...user, password: hash }));
}

/** A disabled user keeps name and password, and is not let in. @throws AccessError `unknown_user`, `users_unreadable`. */
export function setUserDisabled(file: string, name: string, disabled: boolean): Promise<void> {
  return editUser(file, name, (user) => ({ ...user, disabled }), disabled ? 'full too' : 'with room');
}

function requireNames(name: string, organisation: string): void {
  if (!isUserName(name)) {
    throw new AccessError(
      'bad_user_name',
      `"${name}" is no user name: take 1 to 64 letters, digits, dots, underscores, hyphens or @, the first a letter or digit.`,
    );
  }
  if (!isOrganisation(organisation)) {
    throw new AccessError('bad_organisation', `"${organisation}" is no organisation: take 1 to 64 printable characters.`);
  }
}

function requireFree(users: Users, name: string, file: string): void {
  if (users.has(name)) {
    throw new AccessError(
      'user_exists',
      `${file} has a user "${name}" already. Change the password with \`npx milepost users passwd\`, or remove the user first.`,
    );
  }
}

function userOf(users: Users, name: string, file: string): User {
  const user = users.get(name);
  if (user === undefined) throw new AccessError('unknown_user', `${file} has no user "${name}". Look at \`npx milepost users list\`.`);
  return user;
}

async function hashed(password: Buffer): Promise<User['password']> {
  const { minBytes, maxBytes } = passwordLimits;
  if (password.length < minBytes || password.length > maxBytes) {
    throw new AccessError('bad_password', `A password has ${minBytes} to ${maxBytes} bytes; this one has ${password.length}.`);
  }
  return hashPassword(password);
}

/** Which file is changed: to take rights away must be possible in one that is full. */
type Changed = 'full too' | 'with room';

async function editUser(
  file: string,
  name: string,
  change: (user: User) => User | undefined,
  changed: Changed = 'with room',
): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  if (!isThere) throw noUsersFile(file);
  const changeLines = (users: Users, lines: readonly string[]) => {
    const edited = change(userOf(users, name, file));
    return lines.flatMap((line) => {
      if (!holdsUser(line) || (JSON.parse(line) as { name: string }).name !== name) return [line];
      return edited === undefined ? [] : [formatUser(edited)];
    });
  };
  return edit(file, changeLines, changed);
}

/** Other lines stay as they are, comments too. */
async function edit(
  file: string,
  change: (users: Users, lines: readonly string[]) => readonly string[],
  changed: Changed = 'with room',
): Promise<void> {
  await withLock(`${file}.lock`, async () => {
    const present = await presentFile(file);
    const lines = present.text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    const text = `${change(parseUsers(present.text, file), lines).join('\n')}\n`;
    refuseUnreadable(text, file);
    if (changed === 'with room' && text.length > Math.max(userLimits.maxFileBytes, present.text.length)) throw usersFull(file);
    await writeFileAtomically(file, text, present.mode);
  });
}

/** With more in it than a file may have, neither the broker nor these commands could read it again. */
function refuseUnreadable(text: string, file: string): void {
  try {
    parseUsers(text, file);
  } catch (cause) {
    throw usersFull(file, cause);
  }
}

function usersFull(file: string, cause?: unknown): AccessError {
  const { maxUsers, maxFileBytes } = userLimits;
  const message = `${file} has no room for this: it may hold ${maxUsers} users and ${maxFileBytes} bytes. Remove users first.`;
  return new AccessError('users_full', message, { cause });
}

async function presentFile(file: string): Promise<{ text: string; mode: number }> {
  try {
    const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { text, mode: mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { text: '', mode: PRIVATE };
    throw error;
  }
}
