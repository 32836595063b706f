import { sql } from '@milepost/database';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
const vehicles = Array.from({ length: 30 }, (_, index) => `v${index}`);
let database: TestDatabase;
let log: WrittenLog;

const rows = async (text: string) => (await database.owner.query(text)).rows;
const connectAll = (round: string) => {
  for (const id of vehicles) log.connected(0, id, `${id}-${round}`);
};

beforeEach(async () => {
  database = await scope.database();
  log = new WrittenLog([await startProcess(scope, database, 1)], ['a'], 1);
  connectAll('1');
  await log.pass(10);
});

describe("where Kafka's clock is set back", () => {
  it('an incident runs on, and ends no earlier than it began', async () => {
    for (const id of vehicles) log.lost(0, id, `${id}-1`);
    await log.pass(60);
    expect(await rows('select closed_at from incidents')).toEqual([{ closed_at: null }]);
    log.nowMs -= 3_600_000;
    connectAll('2');
    await log.pass(320);
    expect(await rows('select closed_at >= opened_at as "isInOrder", vehicles, returned from incidents')).toEqual([
      { isInOrder: true, vehicles: 30, returned: 30 },
    ]);
    const told = await rows(`select body::jsonb #>> '{data,incident,closedAt}' >= body::jsonb #>> '{data,incident,openedAt}' as "isInOrder"
                               from outbox where type = 'incident.closed'`);
    expect(told).toEqual([{ isInOrder: true }]);
  });

  it('ended connections are remembered for a day of the log all the same', async () => {
    log.nowMs -= 3_600_000;
    await log.pass(4);
    const insert = 'insert into closed_connections (connection_id, presence_partition, vehicle, closed_at) values ($1, 0, 1, $2)';
    for (const hours of [23.5, 24.5]) await database.owner.query(insert, [`${hours} h`, new Date(log.nowMs - hours * 3_600_000)]);
    await database.owner.query({ ...sql('alerts/upkeep/delete-old-closed-connections'), values: ['test-cluster', 'fleet.presence', 10] });
    expect(await rows('select connection_id from closed_connections')).toEqual([{ connection_id: '23.5 h' }]);
  });
});
