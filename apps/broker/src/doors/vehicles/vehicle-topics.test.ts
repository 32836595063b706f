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

describe('a vehicle is told why it may not publish', () => {
  test.each([
    ['foo/bar', 'A vehicle publishes below fleet/truck-1/ alone: location, diagnostics, status.'],
    ['fleet/truck-2/location', "The topic is another vehicle's: the certificate of this connection says truck-1."],
    ['fleet/truck-1/nosuch', 'Below fleet/truck-1/ there are location, diagnostics, status to publish to, and nothing else.'],
    ['fleet/truck-1', 'Below fleet/truck-1/ there are location, diagnostics, status to publish to, and nothing else.'],
  ])('%s', (topic, why) => {
    expect(topics.whyNoRoute(topic)).toBe(why);
  });

  test('in less than 200 bytes, however long its id is', () => {
    const longest = new VehicleTopics('x'.repeat(64) as VehicleId);
    for (const topic of ['foo/bar', 'fleet/truck-2/location', `fleet/${'x'.repeat(64)}/nosuch`])
      expect(Buffer.byteLength(longest.whyNoRoute(topic))).toBeLessThan(200);
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
    expect(shared.whyNoSubscription).toContain('BROKER_PROCESSES');
  });
});
