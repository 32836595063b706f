import { scopes } from '@milepost/contracts';
import {
  type AppRole,
  createApiKey,
  createPool,
  findApiKey,
  migrate,
  recordedPartitions,
  recordPartitions,
  rolePasswords,
  setRolePasswords,
  urlForRole,
} from '@milepost/database';
import { connectKafka, kafkaEnv, provisionTopics, verifyTopics } from '@milepost/kafka';
import { type Logger, parseConfig } from '@milepost/runtime';
import Type from 'typebox';
import type { DataFolder } from '../folder/data-folder.js';

export interface Installation {
  databaseUrl(role: AppRole): string;
  apiKey: string;
  /** Of each topic, as they were when the installation was made. */
  partitions: number;
}

export interface InstallationOptions {
  folder: DataFolder;
  ownerUrl: string;
  /** KAFKA_* as the apps will get them. */
  kafkaEnvironment: Record<string, string>;
  logger: Logger;
}

/** Schema, roles, topics and the development API key: everything that the apps expect to find. Safe to repeat. */
export async function prepareInstallation({ folder, ownerUrl, kafkaEnvironment, logger }: InstallationOptions): Promise<Installation> {
  await migrate(ownerUrl, logger);
  const passwords = rolePasswords(folder.secrets().roleSecret);
  await setRolePasswords(ownerUrl, passwords);

  const owner = createPool({ url: ownerUrl, app: 'stack', size: 2, logger });
  try {
    const partitions = await prepareTopics(owner, kafkaEnvironment, logger);
    return { databaseUrl: (role) => urlForRole(ownerUrl, role, passwords), apiKey: await developmentKey(owner, folder), partitions };
  } finally {
    await owner.end();
  }
}

type Pool = ReturnType<typeof createPool>;

/** Makes what is missing, with as many partitions as the installation was made with; counts that differ from the record are an error. */
async function prepareTopics(owner: Pool, environment: Record<string, string>, logger: Logger): Promise<number> {
  const config = parseConfig(Type.Object(kafkaEnv), environment);
  const connection = connectKafka(config, { clientId: 'milepost-stack', logger });
  try {
    const [partitions = config.KAFKA_PARTITIONS] = (await recordedPartitions(owner)).values();
    const provisioned = await provisionTopics(connection, { partitions, logger });
    await recordPartitions(owner, new Map(provisioned.map((made) => [made.topic, made.partitions])));
    await verifyTopics(connection, await recordedPartitions(owner));
    return partitions;
  } finally {
    await connection.close();
  }
}

/** The same key at every start, unless the database is another one or the key was revoked. */
async function developmentKey(owner: Pool, folder: DataFolder): Promise<string> {
  const secrets = folder.secrets();
  if (secrets.apiKey !== undefined && (await findApiKey(owner, secrets.apiKey)) !== undefined) return secrets.apiKey;
  const { key } = await createApiKey(owner, { name: 'development', organisation: 'default', scopes: [...scopes] });
  folder.writeJson('secrets.json', { ...secrets, apiKey: key });
  return key;
}
