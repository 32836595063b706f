import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { exitCodes } from './cli-error.js';
import { alertsAcknowledge } from './commands/alerts/acknowledge.js';
import { alertsBacktest } from './commands/alerts/backtest.js';
import { alertsList } from './commands/alerts/list.js';
import { alertsResolve } from './commands/alerts/resolve.js';
import { alertsSnooze } from './commands/alerts/snooze.js';
import { deadLettersList } from './commands/dead-letters/list.js';
import { deadLettersReplay } from './commands/dead-letters/replay.js';
import { doctor } from './commands/doctor/doctor.js';
import { geofencesAdd } from './commands/geofences/add.js';
import { geofencesList } from './commands/geofences/list.js';
import { geofencesRemove } from './commands/geofences/remove.js';
import { groupsAdd } from './commands/groups/add.js';
import { groupsCreate } from './commands/groups/create.js';
import { groupsDelete } from './commands/groups/delete.js';
import { groupsList } from './commands/groups/list.js';
import { groupsRemove } from './commands/groups/remove.js';
import { incidentsList } from './commands/incidents/list.js';
import { incidentsVehicles } from './commands/incidents/vehicles.js';
import { keysCreate } from './commands/keys/create.js';
import { keysList } from './commands/keys/list.js';
import { keysRevoke } from './commands/keys/revoke.js';
import { migrateCommand } from './commands/migrate.js';
import { mutesAdd } from './commands/mutes/add.js';
import { mutesList } from './commands/mutes/list.js';
import { mutesRemove } from './commands/mutes/remove.js';
import { pkiInit } from './commands/pki/init.js';
import { pkiIssue } from './commands/pki/issue.js';
import { pkiRenew } from './commands/pki/renew.js';
import { pkiRevoke } from './commands/pki/revoke.js';
import { policiesList } from './commands/policies/list.js';
import { policiesSet } from './commands/policies/set.js';
import { policiesShow } from './commands/policies/show.js';
import { policiesUnset } from './commands/policies/unset.js';
import { stackCommand } from './commands/stack.js';
import { usersAdd } from './commands/users/add.js';
import { usersList } from './commands/users/list.js';
import { usersPasswd } from './commands/users/passwd.js';
import { usersRemove } from './commands/users/remove.js';
import { usersDisable, usersEnable } from './commands/users/set-enabled.js';
import { webhooksCreate } from './commands/webhooks/create.js';
import { webhooksDeliveries } from './commands/webhooks/deliveries.js';
import { webhooksList } from './commands/webhooks/list.js';
import { webhooksListen } from './commands/webhooks/listen.js';
import { webhooksDelete } from './commands/webhooks/remove.js';
import { webhooksReplay } from './commands/webhooks/replay.js';
import { webhooksRotate } from './commands/webhooks/rotate.js';
import { webhooksSkip } from './commands/webhooks/skip.js';
import { webhooksTest } from './commands/webhooks/test.js';
import { webhooksUpdate } from './commands/webhooks/update.js';
import { note } from './output.js';
import type { Installation } from './reaching/installation.js';

const surroundings = `
Environment:
  MILEPOST_DATA_DIR   data folder of the stack (default: .milepost here, else in the workspace); its stack.json says where everything is
  DATABASE_URL        Postgres, as the owner of the database; comes before stack.json
  KAFKA_BROKERS       Kafka, with the other KAFKA_* variables of the apps; comes before stack.json
  MQTT_USERS_FILE     the broker's users file (default: access/users in the data folder, as npm start uses)
  MILEPOST_API_URL    the API, for alerts, incidents, mutes and webhooks; comes before stack.json
  MILEPOST_API_KEY    key of the API, with the scopes read, alerts:write and webhooks:write as the command needs
  LOG_LEVEL           what libraries log to standard error (default: silent)

Results go to standard output, everything else to standard error.
Exit codes: 0 done, 1 failed or something is wrong, 2 wrong command line.`;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Every command, each in a file of its own. */
export function createProgram(installation: Installation): Command {
  const program = new Command('milepost')
    .description('certificates, keys, users, groups, policies, alerts, webhooks, dead letters and health of a milepost installation')
    .version(version, '--version', 'print the version')
    .addHelpText('after', surroundings);
  program.addCommand(
    group('pki', 'the certificate authority in a folder', [
      pkiInit(installation),
      pkiIssue(installation),
      pkiRevoke(installation),
      pkiRenew(installation),
    ]),
  );
  program.addCommand(group('keys', 'keys of the API', [keysCreate(installation), keysList(installation), keysRevoke(installation)]));
  program.addCommand(
    group('users', 'who comes in by name and password', [
      usersAdd(installation),
      usersList(installation),
      usersPasswd(installation),
      usersDisable(installation),
      usersEnable(installation),
      usersRemove(installation),
    ]),
  );
  program.addCommand(
    group('dead-letters', 'records that could not be stored', [deadLettersList(installation), deadLettersReplay(installation)]),
  );
  program.addCommand(
    group('groups', 'vehicles under a name, for policies and filters', [
      groupsCreate(installation),
      groupsList(installation),
      groupsAdd(installation),
      groupsRemove(installation),
      groupsDelete(installation),
    ]),
  );
  program.addCommand(
    group('geofences', 'circles and polygons whose crossing is an alert', [
      geofencesAdd(installation),
      geofencesList(installation),
      geofencesRemove(installation),
    ]),
  );
  program.addCommand(
    group('policies', 'when a lost vehicle is an alert, and when it is told', [
      policiesSet(installation),
      policiesUnset(installation),
      policiesList(installation),
      policiesShow(installation),
    ]),
  );
  program.addCommand(
    group('mutes', 'of whom nothing is told for a while', [mutesAdd(installation), mutesList(installation), mutesRemove(installation)]),
  );
  program.addCommand(
    group('alerts', 'what is wrong with vehicles, who looks after it, and what other policies would have made of it', [
      alertsList(installation),
      alertsAcknowledge(installation),
      alertsResolve(installation),
      alertsSnooze(installation),
      alertsBacktest(installation),
    ]),
  );
  program.addCommand(
    group('incidents', 'many vehicles lost at once, and which', [incidentsList(installation), incidentsVehicles(installation)]),
  );
  program.addCommand(
    group('webhooks', 'where events are sent, what came of it, and their forwarding to this machine', [
      webhooksCreate(installation),
      webhooksList(installation),
      webhooksUpdate(installation),
      webhooksDelete(installation),
      webhooksRotate(installation),
      webhooksTest(installation),
      webhooksDeliveries(installation),
      webhooksReplay(installation),
      webhooksSkip(installation),
      webhooksListen(installation),
    ]),
  );
  program.addCommand(migrateCommand(installation));
  program.addCommand(stackCommand(installation));
  program.addCommand(doctor(installation));
  overrideExit(program);
  return program;
}

function group(name: string, description: string, commands: readonly Command[]): Command {
  const parent = new Command(name).description(description);
  for (const command of commands) parent.addCommand(command);
  return parent;
}

/** Commander would leave the process with 1 for a wrong command line. */
function overrideExit(command: Command): void {
  command.exitOverride((error) => {
    if (error.code === 'commander.unknownCommand') note(`Known here: ${command.commands.map((known) => known.name()).join(', ')}`);
    throw Object.assign(error, { exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage });
  });
  command.showHelpAfterError('(add --help for the options)');
  refuseOptionsAsValues(command);
  for (const child of command.commands) overrideExit(child);
}

/** Commander takes the option after one whose value was forgotten for that value: `--organisations --pki x`. */
function refuseOptionsAsValues(command: Command): void {
  for (const option of command.options.filter(({ required }) => required)) {
    command.on(`option:${option.name()}`, (value: string) => {
      if (command.options.some(({ long, short }) => value === long || value === short))
        command.error(`error: the value of ${option.flags} is missing: ${value} came`);
    });
  }
}
