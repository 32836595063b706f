import { type Event, EventSchema, topics } from '@milepost/contracts';
import { recordPartitions } from '@milepost/database';
import { createLogWriter, type LogWriter, partitionOf } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestApp, type TestDatabase, type TestScope } from '@milepost/test-support';
import { Compile } from 'typebox/compile';
import { FakeNode } from './fake-node.js';

const isEvent = Compile(EventSchema);

/** Topics and a database of one's own, a broker node that is not there, and alerts as a process. */
export interface AlertsScope {
  database: TestDatabase;
  partitions: number;
  writer: LogWriter;
  node(name: string): FakeNode;
  start(environment?: Record<string, string>): Promise<TestApp>;
  startIngest(): Promise<TestApp>;
  /** A message of a vehicle, as the broker writes it. */
  report(topic: string, vehicleId: string, payload: unknown, timestampMs?: number): Promise<void>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Events in the outbox about a vehicle, in their order, each checked against the contract. */
  eventsOf(vehicleId: string): Promise<Event[]>;
  /** Types of those events, until there are these. */
  untilTold(vehicleId: string, types: string[], timeoutMs?: number): Promise<Event[]>;
  untilState(vehicleId: string, state: string, timeoutMs?: number): Promise<void>;
  /** Until an alerts process judges by all that was said of policies so far. */
  untilPoliciesKnown(app: TestApp): Promise<void>;
}

export async function alertsScope(scope: TestScope, { partitions = 3 } = {}): Promise<AlertsScope> {
  const [database, testTopics] = await Promise.all([scope.database(), scope.topics({ partitions })]);
  await recordPartitions(database.owner, new Map(Object.values(topics).map((topic) => [topic, partitions])));
  const writer = createLogWriter(testTopics.connection, { logger: createLogger({ app: 'test', level: 'error' }), lingerMs: 0 });
  scope.onEnd(() => writer.close({ timeoutMs: 1_000 }));
  const rows = async <T extends object>(sql: string, values: unknown[] = []) => (await database.owner.query(sql, values)).rows as T[];
  const eventsOf = async (vehicleId: string) => {
    const bodies = await rows<{ body: string }>('select body from outbox where record_key = $1 order by id', [vehicleId]);
    return bodies.map(({ body }) => {
      const event: unknown = JSON.parse(body);
      if (!isEvent.Check(event)) throw new Error(`Not an event of the contract: ${body}`);
      return event;
    });
  };
  const environment = {
    ...testTopics.environment,
    DATABASE_URL: database.urlFor('milepost_alerts'),
    OFFLINE_GRACE_MS: '1000',
    NODE_GRACE_MS: '1000',
  };
  return {
    database,
    partitions,
    writer,
    rows,
    eventsOf,
    node: (name) => {
      const node = new FakeNode(name, writer, partitions);
      scope.onEnd(() => node.stop());
      node.start();
      return node;
    },
    startIngest: () =>
      scope.app('ingest', {
        ...testTopics.environment,
        DATABASE_URL: database.urlFor('milepost_ingest'),
        DATABASE_MAINTENANCE_URL: database.ownerUrl,
      }),
    report: async (topic, vehicleId, payload, timestampMs = Date.now()) => {
      const value = Buffer.from(JSON.stringify(payload));
      const partition = partitionOf(vehicleId, partitions);
      const outcome = await writer.append({ topic, key: vehicleId, partition, value, headers: { organisation: 'default' }, timestampMs });
      if (outcome.kind !== 'stored') throw new Error(`Kafka did not take a record: ${outcome.code} ${outcome.message}`);
    },
    start: (more = {}) => scope.app('alerts', { ...environment, ...more }),
    untilTold: (vehicleId, types, timeoutMs = 40_000) =>
      eventually(
        async () => {
          const events = await eventsOf(vehicleId);
          if (events.map(({ type }) => type).join() !== types.join())
            throw new Error(`told of ${vehicleId}: ${events.map(({ type }) => type).join()}`);
          return events;
        },
        { timeoutMs, everyMs: 100 },
      ),
    untilState: (vehicleId, state, timeoutMs = 30_000) =>
      eventually(
        async () => {
          const found = await rows<{ state: string }>(
            'select state from vehicle_presence p join vehicles v on v.id = p.vehicle where v.vehicle_id = $1',
            [vehicleId],
          );
          if (found[0]?.state !== state) throw new Error(`${vehicleId} is ${found[0]?.state}, not ${state}`);
        },
        { timeoutMs, everyMs: 50 },
      ),
    untilPoliciesKnown: async (app) => {
      const [said] = await rows<{ version: number }>('select max(id)::int as version from policy_changes');
      await eventually(async () => {
        const known = await app.metric('milepost_alerts_policy_version');
        if (known < (said?.version ?? 0)) throw new Error(`change ${said?.version} of policies is not known, ${known} is`);
      });
    },
  };
}
