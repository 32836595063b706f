import Type, { type Static } from 'typebox';
import { DisconnectCauseSchema } from '../presence.js';
import { AlertSchema, conditionTypes } from './alert.js';
import { instant, optional } from './fields.js';
import { EffectivePolicySchema } from './policy.js';
import { presenceStates } from './vehicle.js';

/** Of one type of condition: whether an alert of it may open, which are open, and why. */
export const ExplainedConditionSchema = Type.Object({
  type: Type.Enum([...conditionTypes]),
  armed: Type.Boolean({ description: 'The policy lets alerts of this type open' }),
  muted: Type.Boolean({ description: 'A mute or a maintenance window keeps alerts of this type from being told' }),
  mutedUntil: optional(Type.String({ format: 'date-time', description: 'Missing where the mute has no end' })),
  alertIds: Type.Array(Type.String(), { description: 'Of those in `alerts` that are of this type' }),
  lastRecordedAt: optional(
    Type.String({ format: 'date-time', description: 'When the vehicle recorded the newest of what is judged for this type' }),
  ),
  reasons: Type.Array(
    Type.Object({
      code: Type.String(),
      text: Type.String(),
      key: optional(Type.String({ description: 'The trouble code, the id of the geofence' })),
    }),
  ),
});

/** Why a vehicle is online, suspect, offline or parked, and why there is, or is no, alert. */
export const PresenceExplanationSchema = Type.Object({
  vehicleId: Type.String(),
  at: instant,
  state: Type.Enum([...presenceStates]),
  since: instant,
  cause: optional(DisconnectCauseSchema),
  connections: Type.Array(
    Type.Object({ id: Type.String(), node: Type.String(), address: Type.String(), connectedAt: instant, will: Type.Boolean() }),
    { description: 'Open ones' },
  ),
  clock: optional(
    Type.Object(
      {
        partition: Type.Integer(),
        logTime: optional(instant),
        clockTime: instant,
        behindSeconds: Type.Number({ description: 'How far the clock is behind log time: outages that it left out' }),
      },
      { description: 'Of the presence partition, as it had it then' },
    ),
  ),
  deadlineClockTime: optional(Type.String({ format: 'date-time', description: 'When something is judged next, by the clock' })),
  policy: Type.Pick(EffectivePolicySchema, ['settings', 'sources']),
  policyVersion: Type.Integer({ description: 'The last change of policies that held' }),
  alerts: Type.Array(AlertSchema, {
    description: 'Those that were open then, as they are now: the oldest 20, and fewer where they would be too long together',
  }),
  reasons: Type.Array(Type.Object({ code: Type.String(), text: Type.String() })),
  conditions: Type.Object(
    {
      judgedAt: optional(
        Type.String({
          format: 'date-time',
          description: 'When something that the vehicle reported was last judged; missing where nothing was',
        }),
      ),
      types: Type.Array(ExplainedConditionSchema),
    },
    {
      description:
        'What it reports of itself. What is known of it is kept as it is now alone: at an earlier `at`, with something judged since, there are the policy and the alerts of then, and the reason `not_kept`',
    },
  ),
});
export type PresenceExplanation = Static<typeof PresenceExplanationSchema>;

export const AlertHistoryEntrySchema = Type.Object({
  at: instant,
  step: Type.String({ description: 'open, raised, notified, reminded, snoozed, unsnoozed, acknowledged, dismissed, resolved' }),
  actor: Type.String({ description: 'Name of the key, or `milepost`' }),
  note: optional(Type.String()),
});
export type AlertHistoryEntry = Static<typeof AlertHistoryEntrySchema>;
