import { randomUUID } from 'node:crypto';
import { sql, withTransaction } from '@milepost/database';
import { eventually, type TestDatabase, useTestScope } from '@milepost/test-support';
import type { ClientBase } from 'pg';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrganisation, type Organisation } from './outbox.js';
import { type Receiver, secret, startReceiver } from './receiver.js';

const scope = useTestScope();
let database: TestDatabase;

beforeAll(async () => {
  database = await scope.database();
  await scope.app('webhooks', {
    DATABASE_URL: database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_POLL_MS: '50',
    WEBHOOK_PUBLIC_URL: 'https://fleet.example',
  });
});

async function receiver(): Promise<Receiver> {
  const started = await startReceiver();
  scope.onEnd(() => started.close());
  return started;
}

async function vehicle(org: Organisation, vehicleId: string, groupId?: string): Promise<number> {
  const { rows } = await database.owner.query<{ id: number }>(
    'insert into vehicles (vehicle_id, organisation_id) values ($1, $2) returning id',
    [vehicleId, org.id],
  );
  const id = rows[0]?.id ?? 0;
  if (groupId !== undefined) {
    await database.owner.query('insert into vehicle_group_members (group_id, vehicle, organisation_id) values ($1, $2, $3)', [
      groupId,
      id,
      org.id,
    ]);
  }
  return id;
}

async function group(org: Organisation): Promise<string> {
  const { rows } = await database.owner.query<{ id: string }>(
    'insert into vehicle_groups (organisation_id, name) values ($1, $2) returning id',
    [org.id, randomUUID()],
  );
  return rows[0]?.id ?? '';
}

describe('an endpoint that names vehicles or groups', () => {
  it('gets their alerts, incidents that one of them is in, and what is of no vehicle', async () => {
    const [org, named, grouped, all] = [await createOrganisation(database.owner), await receiver(), await receiver(), await receiver()];
    const prefix = randomUUID().slice(0, 8);
    const [truck, van, bus] = [`${prefix}-truck`, `${prefix}-van`, `${prefix}-bus`] as const;
    const vans = await group(org);
    const truckId = await vehicle(org, truck);
    await vehicle(org, van, vans);
    await vehicle(org, bus);
    await org.endpoint(named.url, { vehicleIds: [truck] });
    await org.endpoint(grouped.url, { groupIds: [vans] });
    await org.endpoint(all.url);

    const { rows } = await database.owner.query<{ id: string }>(
      `insert into incidents (organisation_id, scope, presence_partition, opened_at, opened_clock_at) values ($1, 'organisation', 0, now(), now()) returning id`,
      [org.id],
    );
    const incident = rows[0]?.id ?? '';
    await database.owner.query(
      'insert into incident_members (incident_id, vehicle, organisation_id, joined_at) values ($1, $2, $3, now())',
      [incident, truckId, org.id],
    );
    for (const vehicleId of [truck, van, bus])
      await org.event(randomUUID(), 1, 'alert.opened', { vehicleId, data: { alert: { id: vehicleId } } });
    await org.event(incident, 1, 'incident.opened', { vehicleId: incident, data: { incident: { id: incident } } });
    await org.event(randomUUID(), 1, 'webhook.endpoint.suspended', { data: { endpoint: { id: 'other' } } });

    const seen = (to: Receiver) => to.received.map(({ body }) => body.data.alert?.id ?? body.type).sort();
    await eventually(() => expect(all.received).toHaveLength(5));
    await eventually(() => expect(seen(named)).toEqual([truck, 'incident.opened', 'webhook.endpoint.suspended'].sort()));
    await eventually(() => expect(seen(grouped)).toEqual([van, 'webhook.endpoint.suspended'].sort()));
  });
});

describe('an endpoint that names a vehicle which joins an incident after it was opened', () => {
  /** An incident with one vehicle that nobody names, and an endpoint that names another. */
  async function incidentWithout() {
    const [org, named, all] = [await createOrganisation(database.owner), await receiver(), await receiver()];
    const late = `${randomUUID().slice(0, 8)}-late`;
    const lateId = await vehicle(org, late);
    await org.endpoint(named.url, { vehicleIds: [late] });
    await org.endpoint(all.url);
    const { rows } = await database.owner.query<{ id: string }>(
      `insert into incidents (organisation_id, scope, presence_partition, opened_at, opened_clock_at) values ($1, 'organisation', 0, now(), now()) returning id`,
      [org.id],
    );
    const id = rows[0]?.id ?? '';
    const tell = (type: string) => org.event(id, 1, type, { vehicleId: id, data: { incident: { id } } });
    const join = (client: Pick<ClientBase, 'query'> = database.owner) =>
      client.query({ ...sql('alerts/storm/join-incident'), values: [id, org.id, Date.now(), [lateId]] });
    const typesAt = (to: Receiver) => to.received.map(({ body }) => body.type);
    const opened = await tell('incident.opened');
    await eventually(() => expect(typesAt(all)).toEqual(['incident.opened']));
    return { named, all, opened, tell, join, typesAt };
  }

  it('hears then that it was opened, once and with the same webhook-id, and of its end', async () => {
    const { named, all, opened, tell, join, typesAt } = await incidentWithout();
    await join();
    await eventually(() => expect(named.received.map(({ id }) => id)).toEqual([opened]));
    // Lost again after a return: nothing new to it.
    await join();
    await tell('incident.closed');
    await eventually(() => expect(typesAt(named)).toEqual(['incident.opened', 'incident.closed']));
    await eventually(() => expect(typesAt(all)).toEqual(['incident.opened', 'incident.closed']));
    expect((await database.owner.query('select from incident_joins')).rowCount).toBe(0);
  });

  it('hears of the beginning before the end, though both are dispatched together', async () => {
    const { named, opened, join, typesAt } = await incidentWithout();
    await withTransaction(database.owner, async (client) => {
      await join(client);
      await client.query(
        `insert into outbox (organisation_id, type, subject, record_key, body)
         select organisation_id, 'incident.closed', subject, record_key, replace(body, 'opened', 'closed') from outbox where event_id = $1`,
        [opened],
      );
    });
    await eventually(() => expect(typesAt(named)).toEqual(['incident.opened', 'incident.closed']));
  });

  it('hears nothing when the end was told before it joined: it is no member of what goes on', async () => {
    const { named, all, tell, join, typesAt } = await incidentWithout();
    await tell('incident.closed');
    await eventually(() => expect(typesAt(all)).toEqual(['incident.opened', 'incident.closed']));
    await join();
    await eventually(async () => expect((await database.owner.query('select from incident_joins')).rowCount).toBe(0));
    expect(named.received).toEqual([]);
  });
});

describe('a delivery', () => {
  it('carries the endpoint’s own headers, and no header of ours is theirs to set', async () => {
    const [org, to] = [await createOrganisation(database.owner), await receiver()];
    // Past the API, which refuses the second.
    await org.endpoint(to.url, { headers: { authorization: 'Bearer x', 'webhook-id': 'forged' } });
    const id = await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received).toHaveLength(1));
    expect(to.received[0]).toMatchObject({ id, verified: true, headers: { authorization: 'Bearer x' } });
  });

  it('is signed with both secrets while one replaces the other, and with the new one alone after that', async () => {
    const [org, to] = [await createOrganisation(database.owner), await receiver()];
    const endpoint = await org.endpoint(to.url);
    const newer = `whsec_${Buffer.from('another secret of the same endpoint').toString('base64')}`;
    const rotate = (until: string) =>
      database.owner.query(
        `update webhook_endpoints set secret = $2, previous_secret = $3, previous_secret_until = now() + $4::interval where id = $1`,
        [endpoint, newer, secret, until],
      );
    await rotate('1 hour');
    await org.event(randomUUID(), 1);
    await eventually(() => expect(to.received).toHaveLength(1));
    await rotate('-1 second');
    await org.event(randomUUID(), 2);
    await eventually(() => expect(to.received).toHaveLength(2));
    expect(to.received.map(({ verified }) => verified)).toEqual([true, false]);
    for (const { headers, body } of to.received) {
      expect(new Webhook(newer).verify(JSON.stringify(body), headers)).toEqual(body);
    }
    expect(to.received.map(({ headers }) => headers['webhook-signature']?.split(' ').length)).toEqual([2, 1]);
  });

  it('to an Alertmanager is an array of alerts, signed over those bytes', async () => {
    const [org, to] = [await createOrganisation(database.owner), await receiver()];
    await org.endpoint(to.url, { format: 'alertmanager' });
    const data = {
      alert: { id: 'a', type: 'offline', status: 'open', severity: 'warning', vehicleId: 'v', openedAt: '2026-11-24T06:00:00.000Z' },
    };
    await org.event(randomUUID(), 1, 'alert.opened', { data });
    await eventually(() => expect(to.received).toHaveLength(1));
    expect(to.received[0]).toMatchObject({
      verified: true,
      body: [
        {
          labels: { alertname: 'MilepostVehicleOffline', vehicle: 'v' },
          startsAt: '2026-11-24T06:00:00.000Z',
          generatorURL: 'https://fleet.example/v1/alerts?vehicleId=v',
        },
      ],
    });
  });

  it('of an event over 256 KiB arrives cut, and says so', async () => {
    const [org, to] = [await createOrganisation(database.owner), await receiver()];
    await org.endpoint(to.url);
    await org.event(randomUUID(), 1, 'alert.opened', { data: { alert: { id: 'a', n: 7, note: 'x'.repeat(300_000) } } });
    await eventually(() => expect(to.received).toHaveLength(1));
    expect(to.received[0]).toMatchObject({
      verified: true,
      body: { data: { alert: { id: 'a', n: 7 } }, truncated: { maxBytes: 262_144 } },
    });
    expect(Number(to.received[0]?.headers['content-length'])).toBeLessThan(1_000);
  });
});
