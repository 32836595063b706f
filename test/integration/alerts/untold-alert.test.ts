import { createPool, withTransaction } from '@milepost/database';
import type { Effect } from '@milepost/presence';
import { createLogger } from '@milepost/runtime';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import type { Pool } from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { applyEffects } from '../../../apps/alerts/src/lifecycle/apply-effects.js';

const scope = useTestScope();
const logger = createLogger({ app: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;
let organisationId: number;

const apply = (effect: Effect) => withTransaction(pool, (client) => applyEffects(client, [effect]));
const named = { vehicle: 1, vehicleId: 'truck-1', type: 'certificate_expiring', key: '' } as const;
const condition = { serial: '0A', notAfter: '2026-12-01T00:00:00.000Z' };
const told = async () => (await database.owner.query<{ type: string }>('select type from outbox order by id')).rows.map(({ type }) => type);
/** As the API does. */
const acknowledge = () =>
  database.owner.query(
    `with alert as (update alerts set status = 'acknowledged', acknowledged_at = now(), acknowledged_by = 'me' returning *),
          event as (insert into outbox (event_id, organisation_id, type, subject, record_key, body)
                    select uuidv7(), organisation_id, 'alert.acknowledged', id, 'truck-1', '{}' from alert)
     insert into alert_history (alert_id, organisation_id, at, status, actor) select id, organisation_id, now(), status, 'me' from alert`,
  );

beforeEach(async () => {
  database = await scope.database();
  const own = createPool({ url: database.urlFor('milepost_alerts'), app: 'alerts', size: 2, logger });
  scope.onEnd(() => own.end());
  pool = own;
  const { rows } = await database.owner.query<{ id: number }>(
    `insert into vehicles (id, vehicle_id, organisation_id) overriding system value
     select 1, 'truck-1', id from organisations where name = 'default' returning organisation_id as id`,
  );
  organisationId = rows[0]?.id ?? 0;
  await apply({
    kind: 'open_alert',
    ...named,
    organisationId,
    severity: 'info',
    condition,
    openedAtMs: Date.now(),
    sinceMs: 0,
    latenessMs: 0,
  });
});

describe('an alert that nobody was told of', () => {
  it('ends without a word', async () => {
    await apply({ kind: 'resolve_alert', ...named, resolvedAtMs: Date.now() });
    expect(await told()).toEqual([]);
  });

  it('ends with alert.resolved where alert.acknowledged went out, also when it became worse meanwhile and is open again', async () => {
    await acknowledge();
    await apply({ kind: 'raise_alert', ...named, severity: 'critical', condition, atMs: Date.now() });
    await apply({ kind: 'resolve_alert', ...named, resolvedAtMs: Date.now() });
    expect(await told()).toEqual(['alert.acknowledged', 'alert.resolved']);
  });

  it('is told as opened, not as a reminder, when it became worse after alert.acknowledged and is muted no more', async () => {
    await acknowledge();
    await apply({ kind: 'raise_alert', ...named, severity: 'critical', condition, atMs: Date.now() });
    await apply({ kind: 'tell_alert', ...named, again: false, atMs: Date.now() });
    await apply({ kind: 'resolve_alert', ...named, resolvedAtMs: Date.now() });
    expect(await told()).toEqual(['alert.acknowledged', 'alert.opened', 'alert.resolved']);
  });
});
