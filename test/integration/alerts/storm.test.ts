import type { DisconnectCause, Event } from '@milepost/contracts';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
const PARTITIONS = 2;
let database: TestDatabase;
let log: WrittenLog;

beforeEach(async () => {
  database = await scope.database();
  const processes = [await startProcess(scope, database, PARTITIONS), await startProcess(scope, database, PARTITIONS)];
  log = new WrittenLog(processes, ['a', 'b'], PARTITIONS);
});

const told = async () => {
  const { rows } = await database.owner.query<{ body: string }>('select body from outbox order by id');
  return rows.map(({ body }) => JSON.parse(body) as Event);
};
const types = async () => (await told()).map(({ type }) => type);
const fleet = (count: number, prefix = 'v') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const partitionOf = (vehicle: string) => Number(vehicle.slice(1)) % PARTITIONS;
const connectAll = (vehicles: string[], suffix: string, node = 'a') => {
  for (const id of vehicles) log.connected(partitionOf(id), id, `${id}-${suffix}`, node);
};
const loseAll = (vehicles: string[], suffix: string, node = 'a', cause: DisconnectCause = 'network_error') => {
  for (const id of vehicles) log.lost(partitionOf(id), id, `${id}-${suffix}`, node, 'default', cause);
};

describe('many vehicles lost at once', () => {
  it('are one incident with them as members, whatever partition they are in, and no alerts', async () => {
    const vehicles = fleet(30);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(60);
    expect(await types()).toEqual(['incident.opened']);
    const [opened] = await told();
    expect(opened?.data.incident).toMatchObject({ scope: 'node', node: 'a', vehicles: 30, returned: 0 });
    const { rows } = await database.owner.query('select count(*)::int as members from incident_members');
    expect(rows).toEqual([{ members: 30 }]);
  });

  it('are no incident when most of them are back in time: a restart of a broker tells nobody', async () => {
    const vehicles = fleet(60);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(20);
    connectAll(vehicles, '2', 'b');
    await log.pass(120);
    expect(await types()).toEqual([]);
  });

  it('by a restart of their broker do not swallow one that was lost by itself just before: it alone is an alert, after its own grace', async () => {
    const alone = 'v60';
    const vehicles = fleet(60);
    connectAll([...vehicles, alone], '1');
    await log.pass(10);
    loseAll([alone], '1', 'a', 'keepalive_timeout');
    await log.pass(10);
    loseAll(vehicles, '1', 'a', 'server_shutdown');
    await log.pass(26);
    expect(await types()).toEqual(['alert.opened']);
    expect((await told())[0]?.data.alert).toMatchObject({ vehicleId: alone, cause: 'keepalive_timeout' });
    await log.pass(60);
    connectAll(vehicles, '2', 'b');
    await log.pass(120);
    expect(await types()).toEqual(['alert.opened']);
    const { rows } = await database.owner.query('select count(*)::int as members from incident_members');
    expect(rows).toEqual([{ members: 0 }]);
  });

  it('with their broker and not back after its grace are one incident, without those that were lost by themselves meanwhile', async () => {
    const alone = 'v30';
    const vehicles = fleet(30);
    connectAll([...vehicles, alone], '1');
    await log.pass(10);
    loseAll([alone], '1');
    await log.pass(10);
    loseAll(vehicles, '1', 'a', 'server_shutdown');
    await log.pass(170);
    expect(await types()).toEqual(['alert.opened', 'incident.opened']);
    expect((await told())[1]?.data.incident).toMatchObject({ scope: 'node', vehicles: 30 });
  });

  it('by themselves are not made many by those that were put out at once', async () => {
    const vehicles = fleet(30);
    connectAll([...vehicles, 'v30'], '1');
    await log.pass(10);
    loseAll(vehicles, '1', 'a', 'revoked');
    loseAll(['v30'], '1');
    await log.pass(60);
    expect(await types()).toEqual(fleet(31).map(() => 'alert.opened'));
  });

  it('are alerts of their own when they are few, or few among those connected there', async () => {
    const others = fleet(300, 'w');
    const vehicles = fleet(25);
    connectAll([...vehicles, ...others], '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(60);
    expect(await types()).toEqual(fleet(25).map(() => 'alert.opened'));
  });

  it('are an incident of their organisation when no single node lost them', async () => {
    const onA = fleet(15);
    const onB = fleet(15, 'w');
    connectAll(onA, '1');
    connectAll(onB, '1', 'b');
    await log.pass(10);
    loseAll(onA, '1');
    loseAll(onB, '1', 'b');
    await log.pass(60);
    expect(await types()).toEqual(['incident.opened']);
    expect((await told())[0]?.data.incident).toMatchObject({ scope: 'organisation', vehicles: 30 });
  });

  it('take those with them that are lost while it lasts, and those told of in the minute before', async () => {
    const first = 'v40';
    const vehicles = fleet(30);
    const late = 'v41';
    connectAll([first, ...vehicles, late], '1');
    await log.pass(10);
    loseAll([first], '1');
    await log.pass(36);
    loseAll(vehicles, '1');
    await log.pass(60);
    loseAll([late], '1');
    await log.pass(60);
    expect(await types()).toEqual(['alert.opened', 'incident.opened']);
    const { rows } = await database.owner.query(
      'select v.vehicle_id from alerts a join vehicles v on v.id = a.vehicle where a.incident_id is not null',
    );
    expect(rows).toEqual([{ vehicle_id: first }]);
    const members = await database.owner.query('select count(*)::int as members from incident_members');
    expect(members.rows).toEqual([{ members: 32 }]);
    // Webhooks are to look who names the one that joined; those it was opened with are told of with it.
    expect((await database.owner.query('select from incident_joins')).rowCount).toBe(1);
  });
});

describe('an incident', () => {
  it('closes five minutes after nine tenths are back, and the others are alerts of their own', async () => {
    const vehicles = fleet(30);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(60);
    connectAll(vehicles.slice(3), '2');
    await log.pass(290);
    expect(await types()).toEqual(['incident.opened']);
    const kept = await database.owner.query('select vehicles, returned from incidents');
    expect(kept.rows).toEqual([{ vehicles: 30, returned: 27 }]);
    await log.pass(30);
    expect((await types()).sort()).toEqual(['alert.opened', 'alert.opened', 'alert.opened', 'incident.closed', 'incident.opened']);
    connectAll(vehicles.slice(0, 3), '2');
    await log.pass(10);
    expect((await types()).filter((type) => type === 'alert.resolved')).toHaveLength(3);
    await log.pass(60);
    expect(await told()).toHaveLength(8);
  });

  it('closes after twenty minutes at the latest', async () => {
    const vehicles = fleet(22);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(1_180);
    expect(await types()).toEqual(['incident.opened']);
    await log.pass(80);
    expect((await types()).filter((type) => type === 'alert.opened')).toHaveLength(22);
    expect((await types()).filter((type) => type === 'incident.closed')).toHaveLength(1);
  });

  it('goes on when its partitions change hands', async () => {
    const vehicles = fleet(30);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(60);
    const [one, other] = log.processes;
    if (one === undefined || other === undefined) throw new Error('two processes');
    await log.move(0, other);
    await log.move(1, one);
    connectAll(vehicles.slice(2), '2');
    await log.pass(320);
    expect((await types()).sort()).toEqual(['alert.opened', 'alert.opened', 'incident.closed', 'incident.opened']);
  });
});

describe("where Kafka's nodes have clocks of their own", () => {
  it.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('a loss is an alert in its time although the clock of another partition is an hour %s', async (_, aheadMs) => {
    log.saysEnd = true;
    log.aheadMs.set(1, aheadMs);
    const vehicles = fleet(2);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    await log.pass(46);
    expect(await types()).toEqual(['alert.opened', 'alert.opened']);
  });

  it.each([
    ['long ago', -120],
    ["before Postgres's clock was set back", 3_600],
  ])('a partition that was read to its end %s is waited for', async (_, seconds) => {
    log.saysEnd = true;
    const vehicles = fleet(30);
    connectAll(vehicles, '1');
    await log.pass(10);
    loseAll(vehicles, '1');
    const move = 'update kafka_offsets set complete_until = complete_until + make_interval(secs => $1::int) where partition = 1';
    await database.owner.query(move, [seconds]);
    await log.pass(80, [1]);
    expect(await types()).toEqual([]);
    await log.pass(10);
    expect(await types()).toEqual(['incident.opened']);
  });
});
