import { EventEmitter } from 'node:events';
import { afterAll, expect, test, vi } from 'vitest';

const clients = vi.hoisted((): { emit(event: string, packet?: object): void; published: (() => void)[] }[] => []);

vi.mock('mqtt', () => ({
  Store: class {},
  connect: () => {
    const published: (() => void)[] = [];
    const client = Object.assign(new EventEmitter(), {
      connected: true,
      published,
      publish: (_topic: string, _payload: string, _options: object, acknowledge: () => void) => published.push(acknowledge),
      end: () => undefined,
    });
    clients.push(client);
    return client;
  },
}));
// Files that run in one process share modules: what another file has loaded does not have what is mocked here, and the other way round.
vi.resetModules();
const { Vehicle } = await import('./vehicle.js');
afterAll(() => vi.resetModules());

test('a vehicle sends nothing whose note may not be on disk yet, also when an acknowledgement makes room', async () => {
  const identity = { vehicleId: 'truck', certificatePem: '', privateKeyPem: '' };
  const vehicle = new Vehicle({ index: 0, identity, port: 0, caPem: '', note: () => undefined, onAcknowledged: () => undefined });
  const connected = vehicle.connect();
  const [client] = clients;
  client?.emit('packetreceive', { cmd: 'connack', reasonCode: 0 });
  client?.emit('connect');
  await connected;

  vehicle.make(1);
  vehicle.publish();
  expect(client?.published).toHaveLength(1);
  vehicle.make(2);
  client?.published[0]?.();
  expect(client?.published).toHaveLength(1);
  expect(vehicle.unacknowledged).toBe(1);
  vehicle.publish();
  expect(client?.published).toHaveLength(2);
});
