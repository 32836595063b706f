import { readUsers } from '@milepost/access';
import { Command } from 'commander';
import { print, table } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const usersList = (installation: Installation): Command =>
  new Command('list')
    .description('list who may come in by name and password')
    .option('--users <file>', 'the users file (default: MQTT_USERS_FILE, else access/users in the data folder)')
    .action(async ({ users = installation.usersFile }: { users?: string }) => {
      const rows = [...(await readUsers(users)).values()].map(({ name, organisation, disabled }) => [
        name,
        organisation,
        disabled ? 'disabled' : 'enabled',
      ]);
      print(table(['NAME', 'ORGANISATION', 'STATE'], rows));
    });
