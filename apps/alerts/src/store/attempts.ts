import type { Refused } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { PoolClient } from 'pg';

const saveAttempts = sql('alerts/store/save-attempts');

/** A refused connection attempt and where its record stands. */
export interface Attempt {
  offset: number;
  organisationId: number;
  refused: Refused;
}

/** Stores refused connection attempts: "why does my vehicle not connect" must have an answer. */
export async function saveConnectionAttempts(client: PoolClient, partition: number, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  const column = <T>(of: (refused: Refused) => T) => attempts.map(({ refused }) => of(refused));
  const values = [
    partition,
    attempts.map(({ offset }) => offset),
    attempts.map(({ organisationId }) => organisationId),
    column(({ at }) => at),
    column(({ address }) => address),
    column(({ commonName }) => commonName ?? null),
    column(({ organisation }) => organisation ?? null),
    column(({ issuer }) => issuer ?? null),
    column(({ serial }) => serial ?? null),
    column(({ notAfter }) => notAfter ?? null),
    column(({ reason }) => reason),
    column(({ remedy }) => remedy),
    column(({ count }) => count),
    column(({ node }) => node),
    column(({ epoch }) => epoch),
    column(({ counter }) => counter),
  ];
  await client.query({ ...saveAttempts, values });
}
