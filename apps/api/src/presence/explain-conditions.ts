import type { PresenceExplanation } from '@milepost/contracts';
import { sql } from '@milepost/database';
import {
  type ConditionSubject,
  type ExplainedCondition,
  explainConditions,
  type Geofence,
  noConditions,
  type Policies,
  type VehicleConditions,
} from '@milepost/presence';
import type { AlertRow } from '../alerts/alert.js';
import type { OrganisationView } from '../database.js';

const conditionsOfVehicle = sql('api/conditions-of-vehicle');
const geofencesOfVehicle = sql('api/geofences-of-vehicle');

export interface ConditionQuestion {
  subject: ConditionSubject;
  /** Of the time asked for. */
  policies: Policies;
  /** Null for now. */
  at: string | null;
  /** Alerts that were open then. */
  open: readonly AlertRow[];
}

type Explained = PresenceExplanation['conditions'];

/** Which conditions may open an alert of a vehicle, which have, and why. Of a past time as far as what is known is still what was known then. */
export async function explainedConditions(view: OrganisationView, { subject, policies, at, open }: ConditionQuestion): Promise<Explained> {
  const [stored] = await view.rows<{ machine: VehicleConditions; judgedAtMs: number }>(conditionsOfVehicle, [subject.vehicle]);
  const fences = await view.rows<Omit<Geofence, 'shape'>>(geofencesOfVehicle, [subject.vehicle]);
  const nowMs = at === null ? Date.now() : Date.parse(at);
  const isKept = stored === undefined || stored.judgedAtMs <= nowMs;
  const explained = explainConditions(subject, isKept ? (stored?.machine ?? noConditions) : noConditions, { policies, fences, nowMs });
  const idsOf = (type: string) => open.filter((row) => row.type === type).map(({ id }) => id);
  return {
    ...(stored !== undefined && isKept && { judgedAt: new Date(stored.judgedAtMs).toISOString() }),
    types: explained.map((one) => shown(isKept ? one : withoutState(one), idsOf(one.type))),
  };
}

/** What is left to say where only the present state is kept. */
function withoutState({ type, armed, mutedUntilMs, reasons }: ExplainedCondition): ExplainedCondition {
  const notKept = { code: 'not_kept', text: 'Something was judged since: what was known of the vehicle at that time is not kept.' };
  return {
    type,
    armed,
    open: [],
    ...(mutedUntilMs !== undefined && { mutedUntilMs }),
    reasons: [...reasons.filter(({ code }) => code === 'policy_off'), notKept],
  };
}

function shown({ type, armed, mutedUntilMs, lastRecordedMs, reasons }: ExplainedCondition, alertIds: string[]): Explained['types'][number] {
  const hasEnd = mutedUntilMs !== undefined && Number.isFinite(mutedUntilMs);
  return {
    type,
    armed,
    muted: mutedUntilMs !== undefined,
    ...(hasEnd && { mutedUntil: new Date(mutedUntilMs).toISOString() }),
    alertIds,
    ...(lastRecordedMs !== undefined && { lastRecordedAt: new Date(lastRecordedMs).toISOString() }),
    reasons,
  };
}
