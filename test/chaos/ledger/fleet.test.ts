import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readJournal } from './read-journal.js';

const broker = vi.hoisted(() => ({ letsIn: true, acknowledges: true }));

vi.mock('mqtt', () => ({
  Store: class {},
  connect: () => {
    const client = Object.assign(new EventEmitter(), {
      connected: true,
      stream: { destroy: () => client.emit('close') },
      publish: (_topic: string, _payload: string, _options: object, acknowledge: () => void) =>
        setImmediate(() => broker.acknowledges && acknowledge()),
      getLastMessageId: () => 1,
      reconnect: () => open(),
      end: () => undefined,
      endAsync: async () => undefined,
    });
    const open = () =>
      setImmediate(() => {
        if (!broker.letsIn) return;
        client.emit('packetreceive', { cmd: 'connack', reasonCode: 0 });
        client.emit('connect');
      });
    open();
    return client;
  },
}));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { Fleet } = await import('./fleet.js');
afterAll(() => vi.resetModules());

let folder: string;
let journalFile: string;
let fleet: InstanceType<typeof Fleet>;

beforeEach(async () => {
  Object.assign(broker, { letsIn: true, acknowledges: true });
  folder = mkdtempSync(join(tmpdir(), 'milepost-fleet-'));
  journalFile = join(folder, 'journal');
  const vehicles = ['a', 'b'].map((vehicleId) => ({ vehicleId, certificatePem: '', privateKeyPem: '' }));
  fleet = new Fleet({ mqttPort: 0, caPem: '', vehicles, journalFile, rate: 200 });
  await fleet.start();
});
afterEach(async () => {
  await fleet.end();
  rmSync(folder, { recursive: true, force: true });
});

test('what flowed before a fault was over says nothing of after it', async () => {
  await expect.poll(() => fleet.progress()).toMatchObject({ expected: 2, flowing: 2 });
  broker.acknowledges = false;
  expect(fleet.lifted()).toMatchObject({ expected: 2, flowing: 0 });
  broker.acknowledges = true;
  await expect.poll(() => fleet.progress()).toMatchObject({ expected: 2, flowing: 2 });
});

test('whom the broker does not let in again holds up nobody', async () => {
  fleet.takeAway(['a']);
  broker.letsIn = false;
  const isBack = Promise.resolve(fleet.bringBack(['a'])).then(() => 'asked to come back');
  expect(await Promise.race([isBack, new Promise((resolve) => setTimeout(resolve, 500, 'waited for'))])).toBe('asked to come back');
});

test('a loss of contact is on disk as soon as it is asked for, also when no message follows', async () => {
  broker.letsIn = false;
  await fleet.drain(1_000);
  fleet.takeAway(['a']);
  await fleet.written();
  const [a, b] = (await readJournal(journalFile)).vehicles;
  expect(a?.contacts).toEqual([{ from: expect.any(Number), to: expect.any(Number) }]);
  expect(a?.absences).toHaveLength(1);
  expect(b?.contacts).toEqual([{ from: expect.any(Number) }]);
});

test('what the ledger did not get to, and what the network before it did not, is on disk', async () => {
  const from = Date.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  const to = Date.now();
  fleet.stalled({ from: from + 20_000, to: from + 22_000 });
  const stalls = async () => {
    await fleet.written();
    return (await readJournal(journalFile)).stalls;
  };
  await expect.poll(async () => (await stalls()).some((stall) => stall.from <= from && stall.to >= to)).toBe(true);
  expect(await stalls()).toContainEqual({ from: from + 20_000, to: from + 22_000 });
});
