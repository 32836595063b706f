import type { ReplayedIncident } from '@milepost/presence';
import { expect, it } from 'vitest';
import { openBehind } from './history.js';

const incident = (id: string, partition: number, openedAtMs: number, closedAtMs?: number): ReplayedIncident => ({
  id,
  organisationId: 1,
  partition,
  openedAtMs,
  openedClockMs: openedAtMs,
  closed: closedAtMs !== undefined,
  ...(closedAtMs !== undefined && { closedAtMs }),
  members: new Set(['v']),
});

it('a replay begins with the incidents that were open behind the snapshot of the partition that tends them, and no others', () => {
  // Partitions take their snapshots one after another: what was over in between is in the time asked for, and in no batch.
  const snapshots = [{ logTimeMs: 1_000 }, { logTimeMs: 2_000 }];
  const open = openBehind(snapshots, [
    incident('over in between', 1, 500, 1_500),
    incident('over with the snapshot', 1, 500, 2_000),
    incident('over later', 1, 500, 2_500),
    incident('open', 1, 2_000),
    incident('opened later', 0, 1_500),
  ]);
  expect(open.map(({ id }) => id)).toEqual(['over later', 'open']);
  expect(open.every(({ closed, closedAtMs }) => !closed && closedAtMs === undefined)).toBe(true);
});
