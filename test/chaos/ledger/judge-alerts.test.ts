import type { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { judgeAlerts } from './judge-alerts.js';
import type { Contact, JournalVehicle } from './read-journal.js';
import type { Stall } from './stalls.js';

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

async function judged(alerts: readonly Alert[], one = vehicle(), stalls: Stall[] = []): Promise<{ wrong: string[]; missed: string[] }> {
  const rows = alerts.map(({ opened, resolved, cause = 'network_error', type = 'offline' }) => ({
    ...{ vehicleId: 'truck', type, cause, status: resolved === undefined ? 'open' : 'resolved' },
    ...{ openedAt: new Date(at(opened)), resolvedAt: resolved === undefined ? null : new Date(at(resolved)) },
  }));
  const { falseAlerts, missedAlerts } = await judgeAlerts(
    { vehicles: [one], stalls },
    { query: async () => ({ rows }) } as unknown as Client,
    graces,
  );
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

  test('does not hold against an alert what the ledger noted late, for it stood still', async () => {
    // The last that it heard had been there since the 100th second: the broker missed the vehicle from then on.
    const late = vehicle({ contacts: [{ from: at(0), to: at(108) }, { from: at(150) }] });
    const alert = [{ opened: 113, resolved: 150 }];
    expect((await judged(alert, late)).wrong).toEqual([expect.stringContaining('was away for 5000 ms')]);
    expect(await judged(alert, late, [{ from: at(100), to: at(108) }])).toEqual({ wrong: [], missed: [] });
    const heardLater = vehicle({ contacts: [{ from: at(0), to: at(117) }, { from: at(150) }], absences: [] });
    expect((await judged(alert, heardLater)).wrong).toEqual([expect.stringContaining('could be heard')]);
    expect(await judged(alert, heardLater, [{ from: at(100), to: at(117) }])).toEqual({ wrong: [], missed: [] });
  });

  test('does not miss an alert that was there before it noted that it took the vehicle away', async () => {
    const taken = vehicle({ contacts: [{ from: at(0), to: at(108) }, { from: at(150) }], absences: [{ from: at(108), to: at(150) }] });
    const alert = [{ opened: 114, resolved: 150 }];
    expect((await judged(alert, taken)).missed).toEqual([expect.stringContaining('there is no alert')]);
    expect((await judged(alert, taken, [{ from: at(100), to: at(108) }])).missed).toEqual([]);
  });

  test('is as sharp as ever where it did not stand still', async () => {
    const elsewhere = [
      { from: at(20), to: at(30) },
      { from: at(120), to: at(125) },
    ];
    expect((await judged([{ opened: 104, resolved: 150 }], vehicle(), elsewhere)).wrong).toEqual([
      expect.stringContaining('was away for 4000 ms'),
    ]);
    // It was there before the stall and after it, and not seen to go.
    const stayed = vehicle({ contacts: [{ from: at(0) }], absences: [] });
    expect((await judged([{ opened: 27, resolved: 29 }], stayed, elsewhere)).wrong).toEqual([expect.stringContaining('could be heard')]);
  });
});
