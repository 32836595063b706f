import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedPartitions } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import { testRoleSecret, testServices, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { DataFolder } from '../../../apps/stack/src/folder/data-folder.js';
import { prepareInstallation } from '../../../apps/stack/src/preparing/installation.js';

const scope = useTestScope();

test('an installation keeps the partitions that it was made with, whether or not they are said again', async () => {
  const [database, topics] = await Promise.all([scope.database(), scope.topics({ partitions: 2 })]);
  const folder = DataFolder.open(mkdtempSync(join(testServices().runDir, 'installation-')), { fresh: false });
  // The roles are those of every test.
  writeFileSync(folder.file('secrets.json'), JSON.stringify({ roleSecret: testRoleSecret }));
  const { KAFKA_PARTITIONS: _, ...unsaid } = topics.environment;
  const prepare = (kafkaEnvironment: Record<string, string>) =>
    prepareInstallation({ folder, ownerUrl: database.ownerUrl, kafkaEnvironment, logger: createLogger({ app: 'test', level: 'silent' }) });
  const { apiKey, partitions } = await prepare(topics.environment);
  expect(partitions).toBe(2);
  // What the apps are told; 12 would be the default.
  expect(await prepare(unsaid)).toMatchObject({ apiKey, partitions: 2 });
  expect(await prepare({ ...unsaid, KAFKA_PARTITIONS: '3' })).toMatchObject({ partitions: 2 });
  expect(new Set((await recordedPartitions(database.owner)).values())).toEqual(new Set([2]));
});
