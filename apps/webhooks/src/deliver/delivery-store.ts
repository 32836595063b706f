import { advisoryLocks, sql, withTransaction } from '@milepost/database';
import type { WebhookFormat } from '@milepost/outbound';
import type { Pool } from 'pg';
import type { AttemptResult } from './attempt-result.js';
import type { EndpointHealth, Verdict } from './judge-attempt.js';

export interface ClaimedDelivery {
  id: string;
  endpointId: string;
  /** The webhook-id: the same in every attempt, replay and endpoint. */
  eventId: string;
  /** Attempts so far. */
  attempts: number;
  eventType: string;
  /** How long ago the event was made, in ms by the database's clock. */
  eventAgeMs: number;
  /** Somebody asked for it to be sent once more. */
  isReplay: boolean;
  body: string;
  url: string;
  format: WebhookFormat;
  headers: Readonly<Record<string, string>>;
  secret: string;
  previousSecret: string | null;
}

export interface ClaimLimits {
  leaseMs: number;
  deliveries: number;
  perEndpoint: number;
}

export interface RecordedAttempt {
  delivery: ClaimedDelivery;
  at: Date;
  result: Exclude<AttemptResult, { kind: 'abandoned' }>;
  verdict: Verdict;
  health: EndpointHealth;
}

export interface BreakerRule {
  /** So many failures of the endpoint itself in a row open its breaker. */
  failures: number;
  /** Then nothing is sent for so long, and one delivery after it: the probe. A failure of the probe is the next pause. */
  pauseMs: number;
}

export interface DeliveryStore {
  claim(limits: ClaimLimits): Promise<ClaimedDelivery[]>;
  /** False when the claim had run out and is somebody else's by now: the attempt stays unrecorded. */
  record(attempt: RecordedAttempt): Promise<boolean>;
  /** Gives back everything that is claimed and not recorded. */
  release(): Promise<number>;
}

const claimDeliveries = sql('webhooks/claim-deliveries');
const recordAttempt = sql('webhooks/record-attempt');
const releaseClaims = sql('webhooks/release-claims');

/** The deliveries in Postgres, as one process sees them. `claimant` names the process and must be unique to it. */
export function deliveryStore(pool: Pool, claimant: string, breaker: BreakerRule): DeliveryStore {
  return {
    claim: ({ leaseMs, deliveries, perEndpoint }) =>
      withTransaction(pool, async (client) => {
        await client.query('select pg_advisory_xact_lock($1)', [advisoryLocks.claim]);
        // By its text, not its name: a generic plan does not know how few rows the limits leave, and reads whole tables (80 ms against 2 with 100,000 events).
        const { rows } = await client.query<ClaimedDelivery>(claimDeliveries.text, [claimant, leaseMs, deliveries, perEndpoint]);
        return rows;
      }),

    record: async ({ delivery, at, result, verdict, health }) => {
      const answered = result.kind === 'answered' ? result : undefined;
      const failed = verdict.status === 'failed' ? verdict : undefined;
      const { rowCount } = await pool.query({
        ...recordAttempt,
        values: [
          delivery.id,
          claimant,
          at,
          answered?.statusCode ?? null,
          verdict.status === 'delivered' ? null : verdict.error,
          result.latencyMs,
          answered?.responseBody ?? null,
          verdict.status,
          failed?.retryInMs ?? null,
          (verdict.status !== 'delivered' && verdict.pauseMs) || null,
          verdict.status === 'dead' && verdict.disableEndpoint,
          health,
          breaker.failures,
          breaker.pauseMs,
        ],
      });
      return rowCount === 1;
    },

    release: async () => (await pool.query({ ...releaseClaims, values: [claimant] })).rowCount ?? 0,
  };
}
