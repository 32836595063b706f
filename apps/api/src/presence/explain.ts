import type { PresenceExplanation } from '@milepost/contracts';
import { schema, sql } from '@milepost/database';
import { explain, type NumberedChange, nextDueAfterMs, nextDueAtMs, PolicyBook, settle, type VehicleState } from '@milepost/presence';
import { and, asc, eq, sql as fragment, gt, isNull, lte, or } from 'drizzle-orm';
import Type from 'typebox';
import { alertOf, alertsById, selectAlertSizes } from '../alerts/alert.js';
import { principalOf } from '../authentication.js';
import { ApiProblem, invalidParameter } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { roomWithin } from '../shared/page.js';
import { reference } from '../shared/references.js';
import { instantIn } from '../shared/time-range.js';
import { findVehicle } from '../vehicles/find-vehicle.js';
import { explainedConditions } from './explain-conditions.js';

const { alerts } = schema;
const presenceAt = sql('api/presence-at');
const policyFactsAt = sql('api/policy-facts-at');

interface StoredPresence {
  machine: Omit<VehicleState, 'vehicle' | 'vehicleId' | 'organisationId'>;
  partition: number;
  logTimeMs: number | null;
  clockMs: number | null;
}

export const explainPresence: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles/:id/presence/explain',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'explainPresence',
      summary: 'Why a vehicle is what it is, and why there is or is no alert',
      description: 'Now, or at a time of the last 35 days: as it was then, by the clock and the policies of then.',
      params: pathId.vehicle,
      querystring: Type.Object(
        { at: Type.Optional(Type.String({ format: 'date-time', description: 'As it was then, at most 35 days ago; now without it' })) },
        { additionalProperties: false },
      ),
      response: {
        200: { description: 'The explanation', ...reference('PresenceExplanation') },
        ...problemResponses('vehicle_not_found', 'presence_not_known'),
      },
    },
    handler: (request) => {
      const { organisationId } = principalOf(request);
      const at = request.query.at === undefined ? null : pastInstant('at', request.query.at).toISOString();
      return database.as({ organisationId }, async (view): Promise<PresenceExplanation> => {
        const { id: vehicle, vehicleId } = await findVehicle(view, request.params.id);
        const [stored] = await view.rows<StoredPresence>(presenceAt, [vehicle, at]);
        if (stored === undefined) {
          throw new ApiProblem(
            'presence_not_known',
            `Nothing is known of how ${vehicleId} was then: alerts had not seen it, or it is more than 35 days ago. Ask for a later time with at, or without it for now.`,
          );
        }
        const kept: VehicleState = { vehicle, vehicleId, organisationId, ...stored.machine };
        const facts = await view.rows<NumberedChange>(policyFactsAt, [vehicle, at]);
        const book = PolicyBook.empty.with(facts);
        const clock = clockOf(stored, kept);
        // Time alone proves a connection; that is no change which is kept.
        const state = at === null ? kept : settle(kept, { writers: {}, ...clock }).vehicle;
        const dueAtMs = at === null ? nextDueAtMs(state) : nextDueAfterMs(state, clock.clockMs);
        const instant = at === null ? fragment`now()` : fragment`${at}::timestamptz`;
        const found = await selectAlertSizes(view)
          .where(
            and(eq(alerts.vehicle, vehicle), lte(alerts.openedAt, instant), or(isNull(alerts.resolvedAt), gt(alerts.resolvedAt, instant))),
          )
          .orderBy(asc(alerts.openedAt))
          .limit(MAX_ALERTS);
        const open = await alertsById(
          view,
          found.slice(0, roomWithin(found, MAX_ALERTS)).map(({ id }) => id),
        );
        const { presence, connections } = state;
        return {
          vehicleId,
          at: at ?? new Date().toISOString(),
          state: presence.kind,
          since: new Date(presence.sinceMs).toISOString(),
          ...('cause' in presence && { cause: presence.cause }),
          connections: connections.map(({ id, node, address, connectedAt, will }) => ({
            id,
            node,
            address,
            connectedAt,
            will: will !== undefined,
          })),
          clock: shownClock(stored.partition, clock),
          ...(dueAtMs !== undefined && { deadlineClockTime: new Date(dueAtMs).toISOString() }),
          policy: book.resolve(state),
          policyVersion: book.version,
          alerts: open.map(alertOf),
          reasons: explain(state, clock, book),
          conditions: await explainedConditions(view, { subject: state, policies: book, at, open }),
        };
      });
    },
  });
};

/** The caller's clock may be a little ahead. */
const CLOCK_DIFFERENCE_MS = 60_000;

function pastInstant(parameter: string, text: string): Date {
  const at = instantIn(parameter, text);
  if (at.getTime() <= Date.now() + CLOCK_DIFFERENCE_MS) return at;
  throw invalidParameter(parameter, 'in_future', 'lies in the future, which nobody knows; leave it out for now');
}

/** One of each type, and those that were opened and resolved around the same time. */
const MAX_ALERTS = 20;

/** A partition that alerts has not begun yet has no clock: the vehicle's own time stands for it. */
function clockOf({ logTimeMs, clockMs }: StoredPresence, { presence }: VehicleState) {
  return { clockMs: clockMs ?? presence.sinceMs, logTimeMs: logTimeMs ?? clockMs ?? presence.sinceMs };
}

function shownClock(
  partition: number,
  { clockMs, logTimeMs }: { clockMs: number; logTimeMs: number },
): NonNullable<PresenceExplanation['clock']> {
  return {
    partition,
    logTime: new Date(logTimeMs).toISOString(),
    clockTime: new Date(clockMs).toISOString(),
    behindSeconds: (logTimeMs - clockMs) / 1_000,
  };
}
