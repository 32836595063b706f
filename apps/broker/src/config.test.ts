import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { nodeIdOf, requireAlone } from './config.js';

test.each([
  [{ NODE_ID: 'a', PROCESS_INDEX: 0, BROKER_PROCESSES: 1 }, /^a$/],
  [{ NODE_ID: 'a', PROCESS_INDEX: 3, BROKER_PROCESSES: 1 }, /^a$/],
  [{ NODE_ID: 'a', PROCESS_INDEX: 3, BROKER_PROCESSES: 4 }, /^a-3$/],
  [{ PROCESS_INDEX: 3, BROKER_PROCESSES: 1 }, new RegExp(`^${hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-')}-3$`)],
])('the node of %o is told apart from its sisters', (config, node) => {
  expect(nodeIdOf(config)).toMatch(node);
});

test('users with several processes are refused at the start: they would see one process alone', () => {
  expect(() => requireAlone({ BROKER_PROCESSES: 2, MQTT_USERS_FILE: 'users' })).toThrow(/BROKER_PROCESSES=1/);
  expect(() => requireAlone({ BROKER_PROCESSES: 1, MQTT_USERS_FILE: 'users' })).not.toThrow();
  expect(() => requireAlone({ BROKER_PROCESSES: 2 })).not.toThrow();
});
