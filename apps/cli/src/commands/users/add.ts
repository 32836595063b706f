import { addUser, requireNewUser } from '@milepost/access';
import { Command } from 'commander';
import { type PasswordSource, readPassword } from '../../arguments/password.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options extends PasswordSource {
  users?: string;
  organisation: string;
}

export const usersAdd = (installation: Installation): Command =>
  new Command('add')
    .description('let somebody in by name and password, as an operator or for a tool; what they may do is said in the ACL')
    .argument('<name>', 'user name: 1 to 64 letters, digits, dots, underscores, hyphens or @')
    .requiredOption('--organisation <name>', 'organisation whose topics the user sees')
    .option('--password-file <file>', 'read the password from the first line of a file')
    .option('--stdin', 'read the password from the first line of standard input (default: ask on the terminal)')
    .option('--users <file>', 'the users file (default: MQTT_USERS_FILE, else access/users in the data folder)')
    .action(async (name: string, { users = installation.usersFile, organisation, ...source }: Options) => {
      await requireNewUser(users, { name, organisation });
      await addUser(users, { name, organisation, password: await readPassword(source) });
      const idle = users === installation.usersFile && !installation.stackRuns;
      note(
        `Added the user "${name}" of organisation ${organisation} to ${users}. ${
          idle
            ? `No stack runs with ${installation.dataFolder}; the next one there reads it, as does a broker whose MQTT_USERS_FILE it is.`
            : 'A running broker reads it within seconds.'
        }`,
      );
      note(
        'The ACL says what the user may do (MQTT_ACL_FILE of the broker; under `npm start` access/acl in the data folder): what no rule there allows is refused.',
      );
    });
