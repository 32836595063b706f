import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { isUuid } from '../shared/ids.js';
import { type AlertRow, noSuchAlert, selectAlerts } from './alert.js';

const { alerts } = schema;

/**
 * Held against the alerts process, which may be about to resolve it; not against what refers to it (`for update` would be): the end of a snooze holds the lock
 * of mutes, for which a snooze waits, when it writes of its alert's history.
 * @throws ApiProblem `alert_not_found`
 */
export async function lockedAlert(view: OrganisationView, id: string): Promise<AlertRow> {
  const [row] = isUuid(id) ? await selectAlerts(view).where(eq(alerts.id, id)).for('no key update', { of: alerts }) : [];
  return row ?? noSuchAlert(id);
}
