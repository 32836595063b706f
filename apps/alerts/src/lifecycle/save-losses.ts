import { sql } from '@milepost/database';
import type { Effect } from '@milepost/presence';
import type { PoolClient } from 'pg';

const saveNew = sql('alerts/lifecycle/save-losses');
const endLosses = sql('alerts/lifecycle/end-losses');

/** Remembers where contact was lost, and when it was there again. */
export async function saveLosses(client: PoolClient, effects: readonly Effect[]): Promise<void> {
  const lost = effects.filter((effect) => effect.kind === 'lose_contact');
  if (lost.length > 0) {
    const values = [
      lost.map(({ vehicle }) => vehicle),
      lost.map(({ organisationId }) => organisationId),
      lost.map(({ atMs }) => atMs),
      lost.map(({ cause }) => cause),
    ];
    await client.query({ ...saveNew, values });
  }
  const back = effects.filter((effect) => effect.kind === 'regain_contact');
  if (back.length === 0) return;
  const values = [back.map(({ vehicle }) => vehicle), back.map(({ lostAtMs }) => lostAtMs), back.map(({ atMs }) => atMs)];
  await client.query({ ...endLosses, values });
}
