import { advisoryLocks, sql } from '@milepost/database';
import type { ConditionSubject, Effect, Geofence } from '@milepost/presence';
import type { PoolClient } from 'pg';
import type { FenceVersion, GeofenceShapes } from './geofence-shapes.js';

const geofences = sql('conditions/geofences');
const lockFences = sql('conditions/lock-fences');

interface GeofenceRow extends FenceVersion, Pick<Geofence, 'name' | 'alertOn'> {
  organisationId: number;
  armedAtMs: number;
  ofGroup: boolean;
  /** Of its group, among the vehicles that were asked for, and since when. */
  members: number[];
  membersSinceMs: number[];
}

/** The geofences that hold for a vehicle. */
export type FencesOf = (subject: ConditionSubject) => Geofence[];

/** The geofences that hold for each of these vehicles. */
export async function loadGeofences(client: PoolClient, subjects: readonly ConditionSubject[], shapes: GeofenceShapes): Promise<FencesOf> {
  const organisations = [...new Set(subjects.map(({ organisationId }) => organisationId))];
  const { rows } = await client.query<GeofenceRow>({ ...geofences, values: [organisations, subjects.map(({ vehicle }) => vehicle)] });
  const shapeOf = rows.length === 0 ? new Map() : await shapes.of(client, rows);
  const fences = rows.map(({ members, membersSinceMs, ...row }) => ({
    ...row,
    since: new Map(members.map((vehicle, index) => [vehicle, membersSinceMs[index] ?? 0])),
  }));
  return ({ vehicle, organisationId }) =>
    fences.flatMap(({ id, name, alertOn, armedAtMs, ofGroup, since, ...fence }): Geofence[] => {
      const shape = shapeOf.get(id);
      const joinedMs = ofGroup ? since.get(vehicle) : armedAtMs;
      // Without a shape it was changed a moment ago, or deleted.
      if (fence.organisationId !== organisationId || shape === undefined || joinedMs === undefined) return [];
      return [{ id, name, shape, alertOn, sinceMs: Math.max(armedAtMs, joinedMs) }];
    });
}

/** A fence was changed or deleted, or a vehicle left its group, while its crossing was judged: it is to be judged again, by what is so now. */
export class FencesChanged extends Error {
  readonly retriable = true;
  constructor() {
    super('A geofence was changed while it was judged');
    this.name = 'FencesChanged';
  }
}

/**
 * Holds off changes of the fences for which alerts are about to be opened until those can be seen: whoever changes one then has its alerts looked at
 * again. @throws FencesChanged when one of them was changed since it was judged.
 */
export async function holdCrossedFences(
  client: PoolClient,
  effects: readonly Effect[],
  { subjects, judgedBy, shapes }: { subjects: readonly ConditionSubject[]; judgedBy: FencesOf; shapes: GeofenceShapes },
): Promise<void> {
  const crossed = effects.flatMap((effect) =>
    effect.kind === 'open_alert' && (effect.type === 'geofence_enter' || effect.type === 'geofence_exit') ? [effect] : [],
  );
  if (crossed.length === 0) return;
  await client.query({ ...lockFences, values: [advisoryLocks.fenceChange] });
  const crossing = new Set(crossed.map(({ vehicle }) => vehicle));
  const now = await loadGeofences(
    client,
    subjects.filter(({ vehicle }) => crossing.has(vehicle)),
    shapes,
  );
  const isAsJudged = ({ vehicle, organisationId, vehicleId, key }: (typeof crossed)[number]) => {
    const named = ({ id }: Geofence) => id === key;
    const subject = { vehicle, organisationId, vehicleId };
    const [before, after] = [judgedBy(subject).find(named), now(subject).find(named)];
    return after !== undefined && after.alertOn === before?.alertOn && after.sinceMs === before.sinceMs;
  };
  if (!crossed.every(isAsJudged)) throw new FencesChanged();
}
