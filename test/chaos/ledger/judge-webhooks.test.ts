import type { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { judgeWebhooks } from './judge-webhooks.js';

interface Alert {
  isTold?: boolean;
  isOver?: boolean;
  openMs?: number;
  events?: string[];
}

/** One alert, its events in the outbox, and the places of those that came; as what else than was written. */
async function judged(
  { isTold = true, isOver = true, openMs = 20_000, events = ['alert.opened', 'alert.resolved'] }: Alert,
  came = [0, 1],
  as: { type?: string; alertId?: string } = {},
) {
  const outbox = events.map((type, place) => ({ event_id: `event-${place}`, type, subject: 'a' }));
  const query = async (sql: string) => ({ rows: sql.includes('from alerts') ? [{ id: 'a', isTold, isOver, openMs, events }] : outbox });
  const received = new Map(came.map((place) => [`event-${place}`, { type: events[place] ?? 'alert.opened', alertId: 'a', ...as }]));
  const findings = await judgeWebhooks({ events: received, rejected: 0 }, { query } as unknown as Client);
  return findings.map(({ what }) => what);
}

describe('the ledger of webhooks', () => {
  test('is content with an alert whose events came in their order', async () => {
    expect(await judged({})).toEqual([]);
    expect(await judged({ isOver: false, events: ['alert.opened'] }, [0])).toEqual([]);
  });

  test('finds an event that never came, and one that came before what it follows', async () => {
    expect(await judged({}, [0])).toEqual([expect.stringContaining('alert.resolved of alert a never came')]);
    expect(await judged({}, [1, 0])).toEqual([expect.stringContaining('came before what it follows')]);
  });

  test('finds an event that came as another one, and one that came and was never written', async () => {
    const opened = { isOver: false, events: ['alert.opened'] };
    expect(await judged(opened, [0], { type: 'alert.resolved' })).toEqual(['alert.opened of alert a came as alert.resolved of alert a']);
    expect(await judged(opened, [0], { alertId: 'b' })).toEqual(['alert.opened of alert a came as alert.opened of alert b']);
    expect(await judged(opened, [0, 7])).toEqual(['alert.opened of alert a came and was never written']);
  });

  test('finds an alert that was told twice', async () => {
    const twice = ['alert.opened', 'alert.opened', 'alert.resolved'];
    expect(await judged({ events: twice }, [0, 1, 2])).toEqual(['alert.opened of alert a was written 2 times']);
  });

  test('finds an alert of which no event was written', async () => {
    expect(await judged({ events: [] }, [])).toEqual(['there is no alert.opened of alert a', 'there is no alert.resolved of alert a']);
    expect(await judged({ events: ['alert.opened'] }, [0])).toEqual(['there is no alert.resolved of alert a']);
  });

  test('finds an alert that was open for long and of which nobody was to be told, and asks nothing of one that was over at once', async () => {
    expect(await judged({ isTold: false, events: [] }, [])).toEqual([expect.stringContaining('nobody was to be told')]);
    expect(await judged({ isTold: false, events: [], openMs: 500 }, [])).toEqual([]);
  });
});
