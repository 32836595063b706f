import {
  type createPool,
  migrate,
  PostgresTooOldError,
  recordedPartitions,
  recordPartitions,
  rolePasswords,
  setRolePasswords,
} from '@milepost/database';
import { provisionTopics, verifyTopics } from '@milepost/kafka';
import { Command } from 'commander';
import { copies } from '../arguments/options.js';
import { CliError, exitCodes } from '../cli-error.js';
import { note, print } from '../output.js';
import type { Installation } from '../reaching/installation.js';
import { roleUrls } from '../reaching/role-urls.js';

export const migrateCommand = (installation: Installation): Command =>
  new Command('migrate')
    .description(
      'bring the database schema up to date, let the roles of the apps log in, make the Kafka topics that are missing; safe to repeat',
    )
    .option('--no-topics', 'leave Kafka alone')
    .option(
      '--replication-factor <copies>',
      'how many copies topics get that are made now; three unless Kafka is a single node, and fewer only where it is said here',
      copies,
    )
    .option(
      '--urls',
      'print the apps’ own connection strings, as lines for an environment file like INGEST_DATABASE_URL=…; they hold passwords',
    )
    .addHelpText('after', rolesHelp)
    .action(async ({ topics, urls, replicationFactor }: { topics: boolean; urls?: true; replicationFactor?: number }) => {
      const url = installation.databaseUrl();
      if (urls && installation.roleSecret() === undefined)
        throw new CliError('--urls: the passwords come from DATABASE_ROLE_SECRET. Set it to a long random text, and keep it.');
      await installation.requirePostgres();
      await migrate(url, installation.logger()).catch((cause: unknown) => {
        throw cause instanceof PostgresTooOldError ? new CliError(cause.message, exitCodes.failed, { cause }) : cause;
      });
      note('The database schema is up to date.');
      const secret = installation.roleSecret();
      if (secret === undefined) note('The passwords of the roles were left as they are: DATABASE_ROLE_SECRET is not set.');
      else {
        await setRolePasswords(url, rolePasswords(secret));
        note('The roles of the apps can log in.');
        if (urls) for (const line of roleUrls(url, secret)) print(line);
      }
      if (topics) await installation.withOwner((owner) => prepareTopics(installation, owner, replicationFactor));
    });

const rolesHelp = `
The passwords of milepost_ingest, milepost_alerts, milepost_webhooks, milepost_api and milepost_canary are derived from DATABASE_ROLE_SECRET,
or from the secret of the stack in MILEPOST_DATA_DIR. Where a database administrator sets them, leave both out.
Roles belong to the server: an installation in another database on it would have its apps locked out. Give each a server of its own.`;

async function prepareTopics(
  installation: Installation,
  owner: ReturnType<typeof createPool>,
  replicationFactor: number | undefined,
): Promise<void> {
  const logger = installation.logger();
  const { KAFKA_PARTITIONS: configured } = installation.kafkaConfig();
  await installation.withKafka(async (connection) => {
    const recorded = await recordedPartitions(owner);
    const partitions = [...recorded.values()][0] ?? configured;
    const provisioned = await provisionTopics(connection, { partitions, logger, replicationFactor, onRisk: note });
    await recordPartitions(owner, new Map(provisioned.map((topic) => [topic.topic, topic.partitions])));
    await verifyTopics(connection, await recordedPartitions(owner));
    const made = provisioned.filter(({ created }) => created).map(({ topic }) => topic);
    note(made.length === 0 ? `All ${provisioned.length} Kafka topics are there.` : `Made the Kafka topics ${made.join(', ')}.`);
  });
}
