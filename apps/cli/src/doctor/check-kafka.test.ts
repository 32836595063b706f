import { expect, it } from 'vitest';
import { Installation } from '../reaching/installation.js';
import { checkKafka } from './check-kafka.js';

const found = (KAFKA_BROKERS: string, settings: Record<string, string> = {}) =>
  checkKafka(new Installation({ KAFKA_BROKERS, MILEPOST_DATA_DIR: '/nonexistent', ...settings }, '/'));

it('says which of several brokers do not answer, and why', async () => {
  const silent = (broker: string, why: string) => ({
    ok: false,
    subject: 'Kafka',
    detail: expect.stringMatching(`^${broker} does not answer \\(.*${why}`),
    mend: expect.stringContaining('Check that Kafka runs there'),
  });
  expect(await found('127.0.0.1:1,nowhere.invalid:9092')).toEqual([
    silent('127.0.0.1:1', 'ECONNREFUSED'),
    silent('nowhere.invalid:9092', 'nowhere.invalid'),
  ]);
});

it('says of what is no address that it is none', async () => {
  expect(await found('127.0.0.1:1,foo')).toEqual([
    { ok: false, subject: 'Kafka', detail: 'KAFKA_BROKERS: "foo" is not host:port, like kafka-1:9092.', mend: expect.any(String) },
  ]);
});

it.each([
  [{ KAFKA_SASL_MECHANISM: 'plain' }, /^KAFKA_SASL_MECHANISM: is plain: KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set/],
  [{ KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: '/nonexistent' }, /^KAFKA_SSL_CA_FILE: "\/nonexistent" cannot be read \(ENOENT\)/],
])('says once of %j that it cannot be used, and not of each broker that it does not answer', async (settings, detail) => {
  expect(await found('127.0.0.1:1,127.0.0.1:2', settings)).toEqual([
    { ok: false, subject: 'Kafka', detail: expect.stringMatching(detail), mend: 'Mend what is named, and ask again.' },
  ]);
});
