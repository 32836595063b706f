import { vehicleRoutes } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { isBridgedTopic } from './bridged-topics.js';

test.each([...Object.keys(vehicleRoutes), 'commands/results'])('fleet/{vehicle}/%s belongs to the vehicle', (branch) => {
  expect(isBridgedTopic(`fleet/truck-1/${branch}`)).toBe(true);
  expect(isBridgedTopic(`fleet//${branch}`)).toBe(true);
});

test.each([
  'fleet/truck-1/commands/unlock',
  'fleet/truck-1/location/x',
  'fleet/location',
  'other/truck-1/location',
  'fleet/a/b/location',
  'fleet/truck-1/toString',
])('%s does not', (topic) => expect(isBridgedTopic(topic)).toBe(false));
