import { topics } from '@milepost/contracts';
import { sql } from '@milepost/database';
import { deadZoneLosses, type JudgedFacts, type PartitionClock, steadyTimeOf } from '@milepost/presence';
import type { PoolClient } from 'pg';

const consumedTo = sql('alerts/store/consumed-to');
const reportFacts = sql('alerts/store/report-facts');
const lossesNear = sql('alerts/store/losses-near');
const completeUntil = sql('alerts/store/complete-until');
const spokenFor = sql('alerts/store/spoken-for');

/** A presence partition among all of the installation. */
export interface Place {
  clusterId: string;
  partition: number;
  partitions: number;
}

/** The steady time to which every other presence partition has been consumed, by whatever process. */
export async function consumedToMs(
  client: PoolClient,
  { clusterId, partition, partitions }: Place,
  clock: PartitionClock,
): Promise<number | undefined> {
  if (partitions === 1) return Number.POSITIVE_INFINITY;
  const { rows } = await client.query<{ consumedToMs: number | null }>({
    ...consumedTo,
    values: [clusterId, topics.presence, partition, partitions, steadyTimeOf(clock)],
  });
  return rows[0]?.consumedToMs ?? undefined;
}

/** What ingest has stored of these vehicles. */
export async function reportsOf(
  client: PoolClient,
  { clusterId, partition }: Place,
  { clockMs, logTimeMs = clockMs }: PartitionClock,
  vehicles: number[],
): Promise<Pick<JudgedFacts, 'reports' | 'completeUntilMs'>> {
  if (vehicles.length === 0) return { reports: [] };
  // In this order: what is complete now was stored before, so the reports that it speaks of are among those read next.
  const complete = await client.query<{ completeUntilMs: number | null; agoMs: number | null }>({
    ...completeUntil,
    values: [clusterId, [topics.location, topics.diagnostics], partition],
  });
  const reports = await client.query<{ vehicle: number; reportAtMs: number }>({ ...reportFacts, values: [vehicles] });
  const { completeUntilMs, agoMs } = complete.rows[0] ?? { completeUntilMs: null, agoMs: null };
  return {
    reports: reports.rows.map(({ vehicle, reportAtMs }) => [vehicle, reportAtMs]),
    // It is Postgres's clock that the looks at an idle log go by, and Kafka's may be behind that: ingest that stands is complete to no newer log time.
    ...(completeUntilMs !== null && agoMs !== null && { completeUntilMs: Math.min(completeUntilMs, logTimeMs - agoMs) }),
  };
}

/** Which of these vehicles were seen last where others lost contact lately. */
export async function inDeadZones(client: PoolClient, vehicles: number[], logTimeMs: number): Promise<ReadonlySet<number>> {
  if (vehicles.length === 0) return new Set();
  const { rows } = await client.query<{ vehicle: number; losses: number }>({ ...lossesNear, values: [vehicles, logTimeMs] });
  return new Set(rows.filter(({ losses }) => losses >= deadZoneLosses).map(({ vehicle }) => vehicle));
}

/** Whose open offline alert has joined an incident that is still open. */
export async function spokenForOf(client: PoolClient, vehicles: number[]): Promise<ReadonlySet<number>> {
  if (vehicles.length === 0) return new Set();
  const { rows } = await client.query<{ vehicle: number }>({ ...spokenFor, values: [vehicles] });
  return new Set(rows.map(({ vehicle }) => vehicle));
}
