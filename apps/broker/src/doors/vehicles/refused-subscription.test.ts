import type { Subscribe } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { broker, connect } from './vehicle-broker.fixture.js';

describe('a subscription that is refused', () => {
  const subscribe = (packetId: number, ...filters: string[]): Subscribe => ({
    type: 'subscribe',
    packetId,
    subscriptions: filters.map((filter) => ({ filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 })),
    properties: {},
  });

  test('stands in the log with what the vehicle may subscribe to, beside those that were granted', async () => {
    const { plug, logged } = await broker();
    const { send, heard } = plug();
    await send(connect(), subscribe(1, 'fleet/truck-1/commands/#', 'fleet/#'));
    const why = 'A vehicle subscribes to fleet/truck-1/commands/# and fleet/truck-1/config/#, and to what is in these.';
    const properties = { reasonString: `filter 2: ${why}` };
    expect(heard()).toContainEqual(expect.objectContaining({ type: 'suback', reasonCodes: [1, 0x87], properties }));
    expect(logged('broker.subscription.refused')).toMatchObject([
      {
        vehicleId: 'truck-1',
        filter: 'fleet/#',
        reasonCode: 0x87,
        why,
        count: 1,
      },
    ]);
  });

  test('for a limit says so, and not that it is not allowed', async () => {
    const { plug, logged } = await broker();
    const { send } = plug();
    const many = Array.from({ length: 11 }, (_, n) => `fleet/truck-1/commands/${n}`);
    await send(connect(), subscribe(1, ...many));
    expect(logged('broker.subscription.refused')).toMatchObject([
      { filter: 'fleet/truck-1/commands/10', reasonCode: 0x97, why: 'The session has as many subscriptions as it may have.' },
    ]);
  });

  test('is logged the first, second, fourth and eighth time of a connection', async () => {
    const { plug, logged } = await broker();
    const { send } = plug();
    await send(connect(), ...Array.from({ length: 9 }, (_, n) => subscribe(n + 1, '#')));
    expect(logged('broker.subscription.refused').map(({ count }) => count)).toEqual([1, 2, 4, 8]);
  });
});
