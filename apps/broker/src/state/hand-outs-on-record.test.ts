import { mqttHeaders, topics } from '@milepost/contracts';
import { createLogger } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { StateReading } from './state-reading.js';

const STAMP = { node: 'n', epoch: 1 };
const SUBSCRIPTION = { filter: 'f', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 };
const RECEIVER = { client: 'c', qos: 1, retain: true };

const session = (subscription: object) => ({
  kind: 'session',
  ...STAMP,
  counter: 2,
  organisation: 'o',
  clientId: 'c',
  born: { epoch: 1, counter: 1 },
  expirySeconds: 60,
  subscriptions: [subscription],
});
const outbound = (more: object) => ({ kind: 'outbound', ...STAMP, counter: 3, lastPacketId: 0, inFlight: [], ...more });
const message = (receiver: object) => ({
  ...STAMP,
  counter: 4,
  organisation: 'o',
  topic: 't',
  qos: 1,
  retain: true,
  properties: {},
  receivers: [receiver],
});

/** What a broker reads of these records at its start. */
function read(states: readonly { kind: string }[], kept: object) {
  const reading = new StateReading(createLogger({ app: 'test', level: 'silent' }));
  const place = { partition: 0, offset: 0n, timestampMs: 0 };
  for (const state of states)
    reading.take({ ...place, topic: topics.mqttSessions, key: `${state.kind}:c`, value: Buffer.from(JSON.stringify(state)), headers: {} });
  const headers = { [mqttHeaders.message]: Buffer.from(JSON.stringify(kept)) };
  reading.take({ ...place, topic: topics.mqttMessages, key: 'n/1/4', value: Buffer.from(''), headers });
  const { clients, messages } = reading.result();
  const { session: claim, outbound: way } = clients.get('c') ?? {};
  return { claim, way, message: messages[0]?.kept };
}

test('hand-outs are read with the session, its way out and the messages that are of them', () => {
  const records = read(
    [session({ ...SUBSCRIPTION, handOut: '1/2' }), outbound({ handingOut: ['1/2'] })],
    message({ ...RECEIVER, handOut: '1/2' }),
  );
  expect(records.claim?.subscriptions[0]?.handOut).toBe('1/2');
  expect(records.way?.handingOut).toEqual(['1/2']);
  expect(records.message?.receivers[0]?.handOut).toBe('1/2');
});

test('records without them are read, as brokers before wrote them', () => {
  const records = read([session(SUBSCRIPTION), outbound({})], message(RECEIVER));
  expect(records).toMatchObject({ claim: { kind: 'session' }, way: { kind: 'outbound' }, message: { topic: 't' } });
});

test('what a later broker says besides keeps nobody from reading a record', () => {
  const more = { unheardOf: 'x' };
  const records = read([session({ ...SUBSCRIPTION, ...more }), outbound(more)], message({ ...RECEIVER, ...more }));
  expect(records).toMatchObject({ claim: { kind: 'session' }, way: { kind: 'outbound' }, message: { topic: 't' } });
});

test.each(['f', 7, '1/2/3', null])('one that is named %j is no record of ours', (handOut) => {
  const records = read([session({ ...SUBSCRIPTION, handOut }), outbound({ handingOut: [handOut] })], message({ ...RECEIVER, handOut }));
  expect(records).toEqual({ claim: undefined, way: undefined, message: undefined });
});
