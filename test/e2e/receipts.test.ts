import { receiptProperty, type Trace } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import type { MqttClient, Packet } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Pipeline, startPipeline } from './support/pipeline.js';

const MESSAGES = 1_000;
const AT_A_TIME = 20;

/** What PUBACKs and PUBRECs told a client, in order. */
function receiptsOf(client: MqttClient): (string | undefined)[] {
  const receipts: (string | undefined)[] = [];
  client.on('packetreceive', (packet: Packet) => {
    if (packet.cmd === 'puback' || packet.cmd === 'pubrec') receipts.push(String(packet.properties?.userProperties?.[receiptProperty]));
  });
  return receipts;
}

describe('receipts', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  const start = Date.now() - 3_600_000;
  const fix = (n: number) => JSON.stringify({ recordedAt: start + n * 1_000, latitude: 52, longitude: 13, sequence: n });
  const asking = { properties: { userProperties: { [receiptProperty]: '1' } } };
  const traceOf = (receipt: string | undefined) => pipeline.api.get<Trace>(`/v1/trace?receipt=${receipt}`);

  beforeAll(async () => {
    pipeline = await startPipeline(scope, { apps: ['broker', 'ingest', 'api'] });
  });

  test(`${MESSAGES} of a client that asks are each resolved to what is stored, with both qualities of service`, async () => {
    const client = await pipeline.vehicle('receipts', asking);
    const receipts = receiptsOf(client);
    const { rows } = await pipeline.database.owner.query<{ track_commit_timestamp: string }>('show track_commit_timestamp');
    const tellsCommits = rows[0]?.track_commit_timestamp === 'on';
    const sentAt = Date.now();
    for (let at = 0; at < MESSAGES; at += AT_A_TIME) {
      const part = Array.from({ length: AT_A_TIME }, (_, index) => at + index);
      await Promise.all(part.map((n) => client.publishAsync('fleet/receipts/location', fix(n), { qos: n % 5 === 0 ? 2 : 1 })));
    }
    await pipeline.settled();
    expect(new Set(receipts).size).toBe(MESSAGES);
    for (let at = 0; at < MESSAGES; at += AT_A_TIME) {
      const traces = await Promise.all(receipts.slice(at, at + AT_A_TIME).map(traceOf));
      for (const trace of traces) {
        expect(trace).toMatchObject({ state: 'stored', vehicleId: 'receipts', items: 1 });
        const [receivedAt, storedAt] = [Date.parse(trace.receivedAt ?? ''), Date.parse(trace.storedAt ?? '')];
        expect(receivedAt).toBeGreaterThanOrEqual(sentAt);
        if (tellsCommits) expect(storedAt).toBeGreaterThanOrEqual(receivedAt);
        else expect(trace.storedAt).toBeUndefined();
      }
    }
  });

  test('of a repeat says so, and of what is wrong says why', async () => {
    const client = await pipeline.vehicle('receipts-wrong', asking);
    const receipts = receiptsOf(client);
    for (const payload of [fix(1), fix(1), 'no JSON']) await client.publishAsync('fleet/receipts-wrong/location', payload, { qos: 1 });
    await pipeline.settled();
    const [first, repeat, wrong] = await Promise.all(receipts.map(traceOf));
    expect(first).toMatchObject({ state: 'stored' });
    expect(repeat).toEqual({ receipt: receipts[1], state: 'repeated' });
    expect(wrong).toMatchObject({ state: 'dead_lettered', deadLetter: { id: receipts[2], errors: [{ code: 'invalid_json' }] } });
  });

  test.each([
    ['none', {}],
    ['mute', { properties: { ...asking.properties, requestProblemInformation: false } }],
  ])('are for those who ask, and want to be told more than a code: %s', async (name, options) => {
    const client = await pipeline.vehicle(`receipts-${name}`, options);
    const receipts = receiptsOf(client);
    for (const qos of [1, 2] as const) await client.publishAsync(`fleet/receipts-${name}/location`, fix(qos), { qos });
    expect(receipts).toEqual(['undefined', 'undefined']);
  });
});
