import type { Pool } from 'pg';

/** The epoch for rows that a feed reads; raised first when the data has moved to another Postgres cluster. */
export async function refreshFeedEpoch(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ epoch: number }>('select refresh_feed_epoch() as epoch');
  return rows[0]?.epoch ?? 1;
}

/** The partition count that each topic was made with. Empty before the topics were provisioned. */
export async function recordedPartitions(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ topic: string; partitions: number }>('select topic, partitions from kafka_topics');
  return new Map(rows.map((row) => [row.topic, row.partitions]));
}

/** Records partition counts when an installation is made; counts that stand already are kept. As the owner. */
export async function recordPartitions(owner: Pool, counts: ReadonlyMap<string, number>): Promise<void> {
  await owner.query(
    'insert into kafka_topics (topic, partitions) select * from unnest($1::text[], $2::int[]) on conflict (topic) do nothing',
    [[...counts.keys()], [...counts.values()]],
  );
}
