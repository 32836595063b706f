import { PolicyBook } from '@milepost/presence';
import { parseConfig } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { configSchema } from '../config.js';
import { basePolicy } from './base-policy.js';

const sourcesWith = (environment: Record<string, string>) => {
  const settings = basePolicy(parseConfig(configSchema, { KAFKA_BROKERS: 'kafka:9092', DATABASE_URL: 'postgres://db/x', ...environment }));
  return PolicyBook.empty.with([{ id: 1, change: { kind: 'base', settings } }]).resolve({ vehicle: 1, organisationId: 1 }).sources;
};

test('where no variable is set every value is a default, and where one is set it alone comes from the configuration', () => {
  const kindsOf = (environment: Record<string, string>) => new Set(Object.values(sourcesWith(environment)).map(({ kind }) => kind));
  expect(kindsOf({})).toEqual(new Set(['default']));
  expect(sourcesWith({ OFFLINE_GRACE_MS: '20000' })).toMatchObject({
    graceSeconds: { kind: 'configuration' },
    nodeGraceSeconds: { kind: 'default' },
  });
});
