import { useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { ownClientId, ownTopic } from '../integration/black-box/clients.js';
import { type Door, type DoorName, openDoors } from '../integration/black-box/doors.js';
import { type MosquittoOptions, mosquitto, requireMosquittoClients } from './mosquitto.js';

const scope = useTestScope();
let doors: Record<DoorName, Door>;

beforeAll(async () => {
  requireMosquittoClients();
  doors = await openDoors(scope);
});

// Debian's clients (2.0) have no WebSocket: over it, the npm client and paho speak.
describe.each(['TCP of the conformance broker', 'TLS of a broker with Kafka', 'TCP of a broker with Kafka'] as const)(
  "Debian's mosquitto-clients, over %s,",
  (name) => {
    describe.each(['mqttv311', 'mqttv5'] as const)('with -V %s', (protocol) => {
      const options = (): MosquittoOptions => ({ ...doors[name], protocol, clientId: ownClientId() });
      const session = protocol === 'mqttv5' ? ['-x', '3600'] : [];

      test('find in their session what was published with each QoS while they were away, in order', async () => {
        const [topic, subscriber] = [ownTopic(), options()];
        const subscribe = ['-c', ...session, '-q', '2', '-t', `${topic}/+`];
        expect(await mosquitto('mosquitto_sub', subscriber, [...subscribe, '-E'])).toEqual({ code: 0, output: '' });
        for (const [message, qos] of [
          ['a', '1'],
          ['b', '2'],
          ['c', '1'],
          ['d', '2'],
        ] as const) {
          const published = await mosquitto('mosquitto_pub', options(), ['-q', qos, '-t', `${topic}/x`, '-m', message]);
          expect(published).toEqual({ code: 0, output: '' });
        }
        const { output } = await mosquitto('mosquitto_sub', subscriber, [...subscribe, '-C', '4', '-F', '%p %q']);
        const lines = output.trim().split('\n');
        expect([...lines].sort()).toEqual(['a 1', 'b 2', 'c 1', 'd 2']);
        // The client prints a message of QoS 2 when that is released: each quality keeps its own order.
        for (const qos of ['1', '2']) {
          const ofQuality = lines.filter((line) => line.endsWith(qos));
          expect(ofQuality).toEqual([...ofQuality].sort());
        }
      });

      test('are handed what was retained, and not once it is cleared', async () => {
        const topic = ownTopic();
        const publish = (...args: string[]) => mosquitto('mosquitto_pub', options(), ['-r', '-q', '1', '-t', topic, ...args]);
        const read = () => mosquitto('mosquitto_sub', options(), ['--retained-only', '-W', '2', '-C', '1', '-t', topic]);
        expect((await publish('-m', 'kept')).code).toBe(0);
        expect((await read()).output.trim()).toBe('kept');
        expect((await publish('-n')).code).toBe(0);
        expect((await read()).output).not.toContain('kept');
      });
    });
  },
);
