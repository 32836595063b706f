import { removeUser } from '@milepost/access';
import { Command } from 'commander';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const usersRemove = (installation: Installation): Command =>
  new Command('remove')
    .description('let a user in no more; connections of the user end')
    .argument('<name>', 'user name')
    .option('--users <file>', 'the users file (default: MQTT_USERS_FILE, else access/users in the data folder)')
    .action(async (name: string, { users = installation.usersFile }: { users?: string }) => {
      await removeUser(users, name);
      note(`Removed the user "${name}" from ${users}.`);
    });
