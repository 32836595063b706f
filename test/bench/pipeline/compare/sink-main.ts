// The consumer that a user would write: Kafka → Postgres. kafkajs commits offsets by itself, behind the batch.
import { createServer } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { Pool } from 'pg';

const { DATABASE_URL = '', KAFKA_BROKERS = '', TOPIC = '', STATUS_PORT = '' } = process.env;
const insert = `
  insert into positions (vehicle_id, recorded_at, sequence, latitude, longitude, speed_kph, heading_deg, altitude_m, attributes)
  select r.vehicle_id, to_timestamp((r.fix->>'recordedAt')::bigint / 1000.0), (r.fix->>'sequence')::bigint, (r.fix->>'latitude')::float8,
         (r.fix->>'longitude')::float8, (r.fix->>'speedKph')::float8, (r.fix->>'headingDeg')::float8, (r.fix->>'altitudeM')::float8,
         r.fix->'attributes'
    from unnest($1::text[], $2::jsonb[]) as r (vehicle_id, fix)
  on conflict do nothing`;

const pool = new Pool({ connectionString: DATABASE_URL, max: 4 });
pool.on('error', (error) => process.stderr.write(`${error.message}\n`));
const consumer = new Kafka({ clientId: 'sink', brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR }).consumer({ groupId: 'sink' });
consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) process.exit(1);
});
await consumer.connect();
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
const ready = createServer((socket) => socket.end());
// That it has partitions.
consumer.on(consumer.events.GROUP_JOIN, () => {
  if (!ready.listening) ready.listen(Number(STATUS_PORT), '127.0.0.1');
});
await consumer.run({
  partitionsConsumedConcurrently: 4,
  eachBatch: async ({ batch }) => {
    const vehicles = batch.messages.map(({ key }) => key?.toString() ?? '');
    const fixes = batch.messages.map(({ value }) => value?.toString() ?? 'null');
    await pool.query({ name: 'insert', text: insert, values: [vehicles, fixes] });
  },
});
