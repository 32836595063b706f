import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { AccessError, addUser, setUserPassword } from '@milepost/access';
import type { DataFolder } from '../folder/data-folder.js';

export interface DevelopmentOperator {
  usersFile: string;
  aclFile: string;
  userName: string;
  password: string;
}

const userName = 'operator';

/** Beside what the vehicles send, which nobody but them may: see docs/operators.md. */
const acl = `# Who may read and write what; read again when it changes. See docs/operators.md.
user ${userName}
topic read fleet/#
topic read $SYS/#
topic readwrite fleet/+/commands/#
topic readwrite fleet/+/config/#
`;

/** A user of the organisation "default" for tools on this machine. Kept between starts; the files are the developer's to edit. */
export async function prepareDevelopmentOperator(folder: DataFolder): Promise<DevelopmentOperator> {
  mkdirSync(folder.file('access'), { recursive: true, mode: 0o700 });
  const [usersFile, aclFile] = [folder.file('access', 'users'), folder.file('access', 'acl')];
  if (!existsSync(aclFile)) writeFileSync(aclFile, acl);
  const secrets = folder.secrets();
  const password = secrets.operatorPassword ?? randomBytes(18).toString('base64url');
  if (secrets.operatorPassword === undefined || !existsSync(usersFile)) await ensureUser(usersFile, Buffer.from(password));
  if (secrets.operatorPassword === undefined) folder.writeJson('secrets.json', { ...secrets, operatorPassword: password });
  return { usersFile, aclFile, userName, password };
}

async function ensureUser(usersFile: string, password: Buffer): Promise<void> {
  try {
    await addUser(usersFile, { name: userName, organisation: 'default', password });
  } catch (error) {
    if (!(error instanceof AccessError) || error.code !== 'user_exists') throw error;
    await setUserPassword(usersFile, userName, password);
  }
}
