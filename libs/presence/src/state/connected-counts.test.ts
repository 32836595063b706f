import { describe, expect, it } from 'vitest';
import { ConnectedCounts } from './connected-counts.js';
import { newVehicle, type VehicleState } from './vehicle-state.js';

const known = newVehicle({ vehicle: 1, vehicleId: 'v1', organisationId: 7 }, 0);

function online(...nodes: string[]): VehicleState {
  const connections = nodes.map((node, order) => {
    return {
      id: `c${order}`,
      node,
      epoch: 1,
      address: '192.0.2.1',
      connectedAt: '2026-01-01T00:00:00Z',
      openedAtMs: 0,
      openedOffset: order,
      order,
    };
  });
  return { ...known, connections, presence: { kind: 'online', sinceMs: 0 } };
}

describe('counts of connected vehicles', () => {
  it('follow a vehicle to the node of its newest connection, and off it', () => {
    const counts = new ConnectedCounts();
    counts.move(undefined, online('a'));
    counts.move(undefined, online('a'));
    expect(counts.takeChanges()).toEqual([{ organisationId: 7, node: 'a', vehicles: 2 }]);
    counts.move(online('a'), online('a', 'b'));
    expect(counts.takeChanges()).toEqual([
      { organisationId: 7, node: 'a', vehicles: 1 },
      { organisationId: 7, node: 'b', vehicles: 1 },
    ]);
    counts.move(online('a', 'b'), known);
    expect(counts.takeChanges()).toEqual([{ organisationId: 7, node: 'b', vehicles: 0 }]);
  });

  it('have not changed by a vehicle that went and came', () => {
    const counts = new ConnectedCounts();
    counts.move(undefined, online('a'));
    counts.takeChanges();
    counts.move(online('a'), known);
    counts.move(known, online('a'));
    expect(counts.takeChanges()).toEqual([]);
  });

  it('leave out who is not online, though a connection of its is open', () => {
    const counts = new ConnectedCounts();
    counts.move(undefined, { ...online('a'), presence: { kind: 'unknown', sinceMs: 0 } });
    expect(counts.takeChanges()).toEqual([]);
  });

  it('begin anew at a node that was left by all', () => {
    const counts = new ConnectedCounts();
    counts.move(undefined, online('a'));
    counts.move(online('a'), known);
    expect(counts.takeChanges()).toEqual([]);
    counts.move(known, online('a'));
    expect(counts.takeChanges()).toEqual([{ organisationId: 7, node: 'a', vehicles: 1 }]);
  });
});
