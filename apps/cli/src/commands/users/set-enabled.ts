import { setUserDisabled } from '@milepost/access';
import { Command } from 'commander';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const usersDisable = (installation: Installation): Command =>
  command('disable', 'let a user in no more until enabled again, with the same password; connections of the user end').action(
    async (name: string, { users = installation.usersFile }: { users?: string }) => {
      await setUserDisabled(users, name, true);
      note(`The user "${name}" in ${users} is disabled. A running broker ends the user's connections within seconds.`);
    },
  );

export const usersEnable = (installation: Installation): Command =>
  command('enable', 'let a disabled user in again').action(async (name: string, { users = installation.usersFile }: { users?: string }) => {
    await setUserDisabled(users, name, false);
    note(`The user "${name}" in ${users} is enabled.`);
  });

function command(verb: string, description: string): Command {
  return new Command(verb)
    .description(description)
    .argument('<name>', 'user name')
    .option('--users <file>', 'the users file (default: MQTT_USERS_FILE, else access/users in the data folder)');
}
