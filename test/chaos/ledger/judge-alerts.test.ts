import type { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { judgeAlerts } from './judge-alerts.js';
import type { Contact, JournalVehicle } from './read-journal.js';

const graces = { graceMs: 10_000, nodeGraceMs: 40_000 };
const BASE = 1_790_000_000_000;
const at = (seconds: number) => BASE + seconds * 1_000;

/** Heard from 0 to 100 s, away until 150 s, and heard since. */
const away: Contact[] = [{ from: at(0), to: at(100) }, { from: at(150) }];
const vehicle = (more: Partial<JournalVehicle> = {}): JournalVehicle => ({
  ...{ vehicleId: 'truck', items: [], contacts: away, absences: [{ from: at(100), to: at(150) }], poison: new Map() },
  ...more,
});

interface Alert {
  opened: number;
  resolved?: number;
  cause?: string;
  type?: string;
}

async function judged(alerts: readonly Alert[], one = vehicle()): Promise<{ wrong: string[]; missed: string[] }> {
  const rows = alerts.map(({ opened, resolved, cause = 'network_error', type = 'offline' }) => ({
    ...{ vehicleId: 'truck', type, cause, status: resolved === undefined ? 'open' : 'resolved' },
    ...{ openedAt: new Date(at(opened)), resolvedAt: resolved === undefined ? null : new Date(at(resolved)) },
  }));
  const { falseAlerts, missedAlerts } = await judgeAlerts([one], { query: async () => ({ rows }) } as unknown as Client, graces);
  return { wrong: falseAlerts.map(({ what }) => what), missed: missedAlerts.map(({ what }) => what) };
}

describe('the ledger of alerts', () => {
  test('is content with an alert after the grace that is resolved by the return', async () => {
    expect(await judged([{ opened: 112, resolved: 150 }])).toEqual({ wrong: [], missed: [] });
  });

  test('finds an alert that is missing, and one that was not resolved', async () => {
    expect((await judged([])).missed).toEqual([expect.stringContaining('there is no alert')]);
    const { wrong, missed } = await judged([{ opened: 112 }]);
    expect(wrong).toEqual([expect.stringContaining('still open')]);
    expect(missed).toEqual([expect.stringContaining('resolved nothing')]);
  });

  test('finds an alert that was resolved while its vehicle was still away', async () => {
    expect((await judged([{ opened: 112, resolved: 130 }])).missed).toEqual([expect.stringContaining('resolved nothing')]);
    const again = [
      { opened: 112, resolved: 130 },
      { opened: 142, resolved: 150 },
    ];
    expect((await judged(again)).missed).toEqual([expect.stringContaining('resolved nothing')]);
  });

  test('finds an alert of a vehicle that could be heard, was not away for long enough, or had said goodbye', async () => {
    const right = { opened: 112, resolved: 150 };
    expect((await judged([right, { opened: 50, resolved: 60 }])).wrong).toEqual([expect.stringContaining('could be heard')]);
    expect((await judged([{ opened: 104, resolved: 150 }])).wrong).toEqual([expect.stringContaining('was away for 4000 ms')]);
    expect((await judged([{ ...right, cause: 'node_lost' }])).wrong).toEqual([expect.stringContaining('its grace is 40000 ms')]);
    const parked = vehicle({ contacts: [{ from: at(0), to: at(100), left: true }], absences: [] });
    expect((await judged([right], parked)).wrong).toEqual([expect.stringContaining('said goodbye')]);
  });

  test('finds an alert of a kind for which there was no reason', async () => {
    const { wrong } = await judged([
      { opened: 112, resolved: 150 },
      { opened: 120, resolved: 130, type: 'misconfigured' },
    ]);
    expect(wrong).toEqual([expect.stringContaining('misconfigured alert of truck')]);
  });

  test('does not ask for an alert of an absence that is too short to be sure', async () => {
    const short = vehicle({ contacts: [{ from: at(0), to: at(100) }, { from: at(120) }], absences: [{ from: at(100), to: at(120) }] });
    expect(await judged([], short)).toEqual({ wrong: [], missed: [] });
  });
});
