import { gzipSync } from 'node:zlib';
import { connect, type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import { payloadHash } from './payload-hash.js';
import type { JournalRecord } from './records.js';
import type { VehicleIdentity } from './vehicle-identity.js';

export interface PoisonOutcome {
  /** Kinds that ingest must turn into dead letters, acknowledged. */
  letters: number;
  /** Kinds that the broker refused, as it must. */
  refused: number;
  /** What was not treated as it must be. */
  wrong: string[];
}

interface Poison {
  fault: string;
  topic?: 'location' | 'diagnostics' | 'status';
  /** `mark` makes it unlike all others. */
  payload(mark: string): Buffer | string;
  encoding?: string;
}

const json = (value: unknown) => JSON.stringify(value);
const fix = (mark: string, more: object = {}) => ({ recordedAt: Date.now(), latitude: 1, longitude: 1, driverId: mark, ...more });
const DAY_MS = 86_400_000;
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

/** One of each reason for which ingest makes a dead letter of what a vehicle can send (docs/messages.md). */
export const LETTERS: readonly Poison[] = [
  { fault: 'invalid_json', payload: (mark) => `{"driverId":"${mark}",` },
  { fault: 'invalid_json', payload: (mark) => Buffer.concat([Buffer.from(`{"driverId":"${mark}`), Buffer.from([0xff, 0xfe])]) },
  { fault: 'invalid_json', payload: (mark) => `{"driverId":"${mark}","latitude":NaN}` },
  { fault: 'invalid_json', topic: 'diagnostics', payload: (mark) => mark },
  { fault: 'invalid_encoding', payload: (mark) => json(fix(mark)), encoding: 'br' },
  { fault: 'invalid_encoding', payload: (mark) => Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from(mark)]) },
  { fault: 'too_large_unpacked', payload: (mark) => gzipSync(json(fix(mark, { pad: 'x'.repeat(9 * 1024 * 1024) }))) },
  { fault: 'too_many_items', payload: (mark) => json(Array.from({ length: 1_001 }, () => ({ driverId: mark }))) },
  { fault: 'empty_batch', payload: (mark) => `[${' '.repeat(1 + Number(mark.split('-').at(-1)))}]` },
  { fault: 'invalid_item', payload: (mark) => json([mark, 7, null]) },
  { fault: 'invalid_field', payload: (mark) => json(fix(mark, { longitude: 181 })) },
  {
    fault: 'invalid_field',
    topic: 'diagnostics',
    payload: (mark) => json({ recordedAt: Date.now(), dtcs: [{ code: mark, status: 'active' }] }),
  },
  { fault: 'invalid_field', topic: 'status', payload: (mark) => json({ status: 'asleep', reason: mark }) },
  { fault: 'missing_field', payload: (mark) => json({ latitude: 1, longitude: 1, driverId: mark }) },
  { fault: 'missing_position', payload: (mark) => json({ recordedAt: Date.now(), driverId: mark }) },
  { fault: 'vehicle_id_mismatch', payload: (mark) => json(fix(mark, { vehicleId: 'somebody-else' })) },
  { fault: 'recorded_in_future', payload: (mark) => json(fix(mark, { recordedAt: Date.now() + 2 * DAY_MS })) },
  { fault: 'recorded_too_old', payload: (mark) => json(fix(mark, { recordedAt: Date.now() - 400 * DAY_MS })) },
  { fault: 'not_storable', payload: (mark) => json(fix(mark, { speedKph: 1 })).replace('"speedKph":1', '"odd":"\\u0000"') },
  { fault: 'not_storable', payload: (mark) => json(fix(mark)).replace('"latitude":1', '"latitude":1,"odd":1e999') },
  { fault: 'not_storable', payload: (mark) => json(fix(mark, { odd: nested(40) })) },
];

/** Who sends, and its number in the journal. */
interface Sender {
  identity: VehicleIdentity;
  vehicle: number;
}

export interface PoisonOptions extends Sender {
  /** Each sends one fix, and is refused for who it is. */
  strangers: (Sender & { fault: string })[];
  round: number;
  port: number;
  caPem: string;
  note(record: JournalRecord): void;
  written(): Promise<void>;
}

const TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 2_000;
const OVERSIZE_BYTES = 600 * 1024;

/** One vehicle sends everything that must not be stored, sees to it that each is acknowledged or refused as it must be, and says goodbye. */
export async function sendPoison(options: PoisonOptions): Promise<PoisonOutcome> {
  const { identity, vehicle, round, note, written, strangers } = options;
  const outcome: PoisonOutcome = { letters: 0, refused: 0, wrong: [] };
  const prepared = LETTERS.map((poison, index) => ({ ...poison, body: poison.payload(`poison-${round}-${index}`) }));
  for (const { body, fault } of prepared) note({ kind: 'poison', vehicle, hash: payloadHash(body), fault });
  await written();

  for (const { body, topic = 'location', encoding } of prepared) {
    const properties = encoding === undefined ? {} : { properties: { userProperties: { 'content-encoding': encoding } } };
    await untilAcknowledged(options, `fleet/${identity.vehicleId}/${topic}`, body, {
      qos: outcome.letters % 3 === 0 ? 2 : 1,
      ...properties,
    });
    note({ kind: 'poison-acknowledged', vehicle, hash: payloadHash(body), at: Date.now() });
    outcome.letters += 1;
  }
  for (const stranger of strangers) {
    const body = json(fix(`stranger-${round}`));
    note({ kind: 'poison', vehicle: stranger.vehicle, hash: payloadHash(body), fault: stranger.fault });
    await written();
    await untilAcknowledged({ ...options, ...stranger }, `fleet/${stranger.identity.vehicleId}/location`, body, { qos: 1 });
    note({ kind: 'poison-acknowledged', vehicle: stranger.vehicle, hash: payloadHash(body), at: Date.now() });
    outcome.letters += 1;
  }
  const refusals = [
    ['a topic of another vehicle', 'fleet/somebody-else/location', json(fix('refused'))],
    ['a topic that is none', `fleet/${identity.vehicleId}/unheard-of`, json(fix('refused'))],
    ['a packet beyond the limit', `fleet/${identity.vehicleId}/location`, 'x'.repeat(OVERSIZE_BYTES)],
  ] as const;
  for (const [what, topic, body] of refusals) {
    if (await isRefused(options, topic, body)) outcome.refused += 1;
    else outcome.wrong.push(`${what} was acknowledged`);
  }
  await goodbye(options);
  return outcome;
}

/** Faults go on around it: it tries again with a new connection until it is acknowledged. */
async function untilAcknowledged(
  options: PoisonOptions,
  topic: string,
  body: Buffer | string,
  publish: IClientPublishOptions,
): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const code = await codeOf(options, topic, body, publish);
    if (code === 'acknowledged') return;
    if (Date.now() > deadline) throw new Error(`Poison on ${topic} was not acknowledged within ${TIMEOUT_MS} ms (${code})`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** MQTT 5 refuses with a reason code or a DISCONNECT; a connection that a fault has cut says nothing, and is tried again. */
async function isRefused(options: PoisonOptions, topic: string, body: string): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const code = await codeOf(options, topic, body, { qos: 1 });
    if (code === 'acknowledged') return false;
    if (code === 'refused') return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

async function codeOf(
  options: PoisonOptions,
  topic: string,
  body: Buffer | string,
  publish: IClientPublishOptions,
): Promise<'acknowledged' | 'refused' | 'unknown'> {
  const client = open(options);
  try {
    return await new Promise((resolve) => {
      client.once('connect', () => {
        client.publish(topic, body, publish, (error) => {
          if (!error) resolve('acknowledged');
          else resolve(typeof (error as { code?: unknown }).code === 'number' ? 'refused' : 'unknown');
        });
      });
      // The oversized packet stops in the client, which knows the broker's Maximum Packet Size.
      client.once('error', (error) => resolve(/packet/i.test(error.message) ? 'refused' : 'unknown'));
      client.once('disconnect', ({ reasonCode }) => resolve((reasonCode ?? 0) >= 0x80 && reasonCode !== 0x8b ? 'refused' : 'unknown'));
      client.once('close', () => setImmediate(() => resolve('unknown')));
      setTimeout(() => resolve('unknown'), 20_000);
    });
  } finally {
    await closed(client);
  }
}

/** The MQTT client does not always say that it has ended. */
async function closed(client: MqttClient): Promise<void> {
  await Promise.race([client.endAsync(!client.connected), new Promise((resolve) => setTimeout(resolve, END_TIMEOUT_MS))]);
}

/** In order, so that it is parked and no alert. */
async function goodbye(options: PoisonOptions): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const client = open(options);
    const isUp = await new Promise<boolean>((resolve) => {
      client.once('connect', () => resolve(true));
      client.once('close', () => resolve(false));
    });
    if (isUp) {
      options.note({ kind: 'up', vehicle: options.vehicle, at: Date.now() });
      options.note({ kind: 'left', vehicle: options.vehicle, at: Date.now() });
      await closed(client);
      return;
    }
    client.end(true);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

function open({ identity, port, caPem }: PoisonOptions): MqttClient {
  const settings: IClientOptions = {
    ca: caPem,
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    clientId: identity.vehicleId,
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
  };
  const client = connect(`mqtts://localhost:${port}`, settings);
  client.on('error', () => undefined);
  return client;
}
