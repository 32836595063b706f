import { requireUser, setUserPassword } from '@milepost/access';
import { Command } from 'commander';
import { type PasswordSource, readPassword } from '../../arguments/password.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options extends PasswordSource {
  users?: string;
}

export const usersPasswd = (installation: Installation): Command =>
  new Command('passwd')
    .description('give a user another password; connections that were made with the old one end')
    .argument('<name>', 'user name')
    .option('--password-file <file>', 'read the password from the first line of a file')
    .option('--stdin', 'read the password from the first line of standard input (default: ask on the terminal)')
    .option('--users <file>', 'the users file (default: MQTT_USERS_FILE, else access/users in the data folder)')
    .action(async (name: string, { users = installation.usersFile, ...source }: Options) => {
      await requireUser(users, name);
      await setUserPassword(users, name, await readPassword(source));
      note(`The user "${name}" in ${users} has another password.`);
    });
