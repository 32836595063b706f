import type { VehicleId } from '@milepost/contracts';
import { describe, expect, test } from 'vitest';
import { VehicleTopics } from './vehicle-topics.js';

const topics = new VehicleTopics('truck-1' as VehicleId);

describe('a vehicle may publish', () => {
  test.each([
    ['fleet/truck-1/location', 'fleet.location'],
    ['fleet/truck-1/diagnostics', 'fleet.diagnostics'],
    ['fleet/truck-1/status', 'fleet.status'],
  ])('%s, which goes to %s', (topic, kafkaTopic) => {
    expect(topics.routeOf(topic)?.topic).toBe(kafkaTopic);
  });

  test.each([
    'fleet/truck-2/location',
    'fleet/truck-10/location',
    'fleet/truck-1',
    'fleet/truck-1/',
    'fleet/truck-1/location/x',
    'fleet/truck-1/commands/results',
    'fleet/truck-1/constructor',
    'fleet/truck-1/__proto__',
    'Fleet/truck-1/location',
    '/fleet/truck-1/location',
    '$SYS/broker/uptime',
  ])('not %s', (topic) => {
    expect(topics.routeOf(topic)).toBeUndefined();
  });
});

describe('a vehicle may subscribe to', () => {
  test.each([
    'fleet/truck-1/commands/#',
    'fleet/truck-1/config/#',
    'fleet/truck-1/commands/+',
    'fleet/truck-1/commands/reboot/now',
    'fleet/truck-1/config',
  ])('%s', (filter) => {
    expect(topics.maySubscribe(filter)).toBe(true);
  });

  test.each([
    '#',
    '+/+/commands/#',
    'fleet/+/commands/#',
    'fleet/truck-1/#',
    'fleet/truck-1/+/x',
    'fleet/truck-1/commandsX',
    'fleet/truck-1/status',
    'fleet/truck-2/commands/#',
    '$share/group/fleet/truck-1/commands/#',
    '$SYS/#',
  ])('not %s', (filter) => {
    expect(topics.maySubscribe(filter)).toBe(false);
  });
});

describe('where several processes have the vehicles', () => {
  const shared = new VehicleTopics('truck-1' as VehicleId, false);

  test('messages go where they always go, and nothing is retained', () => {
    expect(shared.routeOf('fleet/truck-1/status')).toEqual({ ...topics.routeOf('fleet/truck-1/status'), retainable: false });
    expect(shared.routeOf('fleet/truck-2/status')).toBeUndefined();
  });

  test('nobody may subscribe: what another process gets would never come', () => {
    expect(shared.maySubscribe('fleet/truck-1/commands/#')).toBe(false);
  });
});
