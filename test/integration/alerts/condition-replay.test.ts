import { type AlertType, topics } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AlertsScope } from './alerts-scope.js';
import { ConditionsWorld, inSquare, SQUARE, type StoredCounts, volts } from './conditions-world.js';

const scope = useTestScope();
let world: ConditionsWorld;
let alerts: AlertsScope;

const DAY_MS = 86_400_000;
const beganMs = Date.now();
/** A second of the minute before the test began, or of that minute so many days ago. */
const second = (n: number, daysAgo = 0) => new Date(beganMs - 60_000 + n * 1_000 - daysAgo * DAY_MS).toISOString();
const code = (status: string) => ({ dtcs: [{ code: 'P0420', status }] });
const inCircle = { latitude: 52, longitude: 7 };
const onTheRoad = { latitude: 51.5, longitude: 7 };
const at = topics.location;
const of = topics.diagnostics;

type Message = [topic: string, fields: object];
/** What makes an alert due, the last message and none before it. */
const stories: Record<string, { type: AlertType; messages: Message[] }> = {
  sos: { type: 'sos', messages: [[at, { ...onTheRoad, events: [{ name: 'SOS' }] }]] },
  crash: { type: 'crash', messages: [[at, { ...onTheRoad, events: [{ name: 'crash' }] }]] },
  code: { type: 'dtc', messages: [[of, code('active')]] },
  battery: { type: 'battery_low', messages: [11.2, 11.1, 11].map((value): Message => [of, volts(value)]) },
  'into-square': { type: 'geofence_enter', messages: [onTheRoad, onTheRoad, inSquare, inSquare].map((fix): Message => [at, fix]) },
  'out-of-square': { type: 'geofence_exit', messages: [inSquare, inSquare, onTheRoad, onTheRoad].map((fix): Message => [at, fix]) },
  'into-circle': { type: 'geofence_enter', messages: [onTheRoad, onTheRoad, inCircle, inCircle].map((fix): Message => [at, fix]) },
  'out-of-circle': { type: 'geofence_exit', messages: [inCircle, inCircle, onTheRoad, onTheRoad].map((fix): Message => [at, fix]) },
};
const names = Object.keys(stories);
const expected = names.map((name) => ({ name, type: stories[name]?.type, status: 'open' })).sort((a, b) => (a.name < b.name ? -1 : 1));

const known = () =>
  alerts.rows<{ id: string; name: string; type: string; status: string }>(
    `select a.id, v.vehicle_id as name, a.type, a.status from alerts a join vehicles v on v.id = a.vehicle order by v.vehicle_id collate "C", a.opened_at`,
  );
const ofVehicle = async (name: string) => (await world.alertsOf(name)).map(({ type, status }) => `${type} ${status}`);
const countOf = (messages: readonly Message[], topic: string) => messages.filter((message) => message[0] === topic).length;
/** Until ingest has stored these messages beside what was there. */
const untilStored = async (messages: readonly Message[], before: Required<StoredCounts> = { locations: 0, diagnostics: 0 }) => {
  await world.untilStored({ locations: before.locations + countOf(messages, at), diagnostics: before.diagnostics + countOf(messages, of) });
};
const stored = async () => ({ locations: await world.count('locations'), diagnostics: await world.count('diagnostics') });
const messagesOf = (pick: (messages: Message[]) => [number, Message][]) =>
  names.flatMap((name) => pick(stories[name]?.messages ?? []).map(([place, message]) => ({ name, place, message })));
/** Written to the log twice, as by a vehicle that did not see PUBACK. */
const sendTwice = async (pick: Parameters<typeof messagesOf>[0]) => {
  for (const { name, place, message } of messagesOf(pick)) {
    const [topic, fields] = message;
    const payload = { recordedAt: second(place), ...fields };
    await alerts.report(topic, name, payload);
    await alerts.report(topic, name, payload);
  }
};
const storyOf = (pick: Parameters<typeof messagesOf>[0]) => messagesOf(pick).map(({ message }) => message);
const allButTheLast = (messages: Message[]) => [...messages.entries()].slice(0, -1);
const theLast = (messages: Message[]) => [...messages.entries()].slice(-1);
const all = (messages: Message[]) => [...messages.entries()];

beforeAll(async () => {
  // Of one partition: what is seen of the last record has been seen of those before. A process that was killed is a member of its group for 6 s.
  world = await ConditionsWorld.create(scope, { partitions: 1, judging: { ALERTS_SESSION_TIMEOUT_MS: '6000' } });
  alerts = world.alerts;
  await world.addGeofence('square', SQUARE);
  await world.addGeofence('circle', { type: 'Circle', center: inCircle, radiusM: 300 });
  await world.start();
  await world.untilFenced(1);
});

describe('every condition that vehicles report', () => {
  it('is one alert, told once, though each message is there twice and alerts is killed before, at and after the one that makes it due', async () => {
    await sendTwice(allButTheLast);
    await untilStored(storyOf(allButTheLast));
    await world.untilJudged();
    expect(await known()).toEqual([]);
    await world.judging.kill9();
    await sendTwice(theLast);
    await untilStored(storyOf(all));
    await world.startJudging();
    await eventually(async () => expect(await known()).toMatchObject(expected), { timeoutMs: 30_000, everyMs: 100 });
    await world.judging.kill9();
    await world.startJudging();
    await world.untilJudged();
    expect(await known()).toMatchObject(expected);
    for (const name of names) await alerts.untilTold(name, ['alert.opened']);
  });

  it('stays that alert when ingest takes all of them in again', async () => {
    const before = await known();
    const positions = () => alerts.rows(`select topic, partition, next_offset from kafka_offsets where consumer = 'ingest' order by 1, 2`);
    const ends = await positions();
    // Whatever is set aside now stays where it can be seen.
    await Promise.all([world.storing.stop(), world.judging.kill9()]);
    await alerts.rows(`update kafka_offsets set next_offset = 0 where consumer = 'ingest'`);
    await world.startStoring();
    await eventually(async () => expect(await positions()).toEqual(ends), { timeoutMs: 30_000, everyMs: 100 });
    expect(await world.count('condition_facts')).toBe(0);
    await world.startJudging();
    expect(await known()).toEqual(before);
    for (const name of names) await alerts.untilTold(name, ['alert.opened']);
  });

  it('is what it would be in order when the messages come the other way round', async () => {
    const before = await stored();
    for (const { name, place, message } of messagesOf((messages) => [...messages.entries()].reverse())) {
      const [topic, fields] = message;
      await alerts.report(topic, `${name}-reversed`, { recordedAt: second(place), ...fields });
    }
    await untilStored(storyOf(all), before);
    await world.untilJudged();
    for (const name of names) expect([name, ...(await ofVehicle(`${name}-reversed`))]).toEqual([name, `${stories[name]?.type} open`]);
  });
});

describe('what was recorded yesterday and comes behind what is so now', () => {
  const setAlertOn = (crossing: string) => alerts.rows('update geofences set alert_on = $1', [crossing]);
  /** What is so now, then yesterday's: all that would open something. */
  const reportLate = async (name: string, now: Message[], yesterday: Message[]) => {
    const before = await stored();
    for (const [place, [topic, fields]] of now.entries()) await alerts.report(topic, name, { recordedAt: second(place), ...fields });
    await untilStored(now, before);
    await world.untilJudged();
    for (const [place, [topic, fields]] of yesterday.entries())
      await alerts.report(topic, name, { recordedAt: second(place, 1), ...fields });
    await untilStored([...now, ...yesterday], before);
    await world.untilJudged();
  };
  const three = (value: number): Message[] => [1, 2, 3].map(() => [of, volts(value)]);
  const twice = (fix: object): Message[] => [1, 2].map(() => [at, fix]);

  it('opens no alert about a battery that is charged', async () => {
    await reportLate('late-battery', three(12.6), three(11));
    expect(await ofVehicle('late-battery')).toEqual([]);
  });

  it('opens no alert about a code that is cleared', async () => {
    await reportLate('late-code', [[of, code('cleared')]], [[of, code('active')]]);
    expect(await ofVehicle('late-code')).toEqual([]);
  });

  it.each([
    ['square', inSquare],
    ['circle', inCircle],
  ])('is no way into a %s that the vehicle has left again, nor out of one that it is back in', async (name, inside) => {
    await setAlertOn('enter');
    await reportLate(`left-${name}`, twice(onTheRoad), [...twice(onTheRoad), ...twice(inside)]);
    expect(await ofVehicle(`left-${name}`)).toEqual([]);
    await setAlertOn('exit');
    await reportLate(`back-${name}`, twice(inside), [...twice(inside), ...twice(onTheRoad)]);
    expect(await ofVehicle(`back-${name}`)).toEqual([]);
  });

  it('dates a crossing by when it was, once that is known', async () => {
    await setAlertOn('both');
    await reportLate('round-trip', twice(onTheRoad), [...twice(onTheRoad), ...twice(inSquare), ...twice(onTheRoad)]);
    expect(await ofVehicle('round-trip')).toEqual(['geofence_exit open']);
    const [exit] = await alerts.rows<{ details: object }>(
      `select a.details from alerts a join vehicles v on v.id = a.vehicle where v.vehicle_id = 'round-trip'`,
    );
    expect(exit?.details).toMatchObject({ condition: { geofenceName: 'square', recordedAt: second(5, 1) } });
    await alerts.untilTold('round-trip', ['alert.opened']);
  });

  it('is an emergency with the time at which it was, however late', async () => {
    await reportLate('late-sos', twice(onTheRoad), [[at, { ...onTheRoad, events: [{ name: 'SOS' }] }]]);
    const [opened] = await alerts.untilTold('late-sos', ['alert.opened']);
    expect(opened?.data.alert).toMatchObject({ type: 'sos', condition: { recordedAt: second(0, 1), count: 1 } });
  });

  it('opens with the time at which it was recorded where nothing newer is known', async () => {
    await reportLate('old-battery', [], three(11));
    const [opened] = await alerts.untilTold('old-battery', ['alert.opened']);
    expect(opened?.data.alert).toMatchObject({ type: 'battery_low', condition: { recordedAt: second(2, 1) } });
  });
});

describe('what the broker and its certificates say of a vehicle', () => {
  const ending = (days: number, serial: string) => ({
    certificate: { issuer: 'CN=test', serial, notAfter: new Date(beganMs + days * DAY_MS).toISOString() },
  });

  it('is misconfigured with the fifth close, not with copies of the fourth, and once though alerts is killed in between', async () => {
    const node = alerts.node('node-faults');
    const fault = async () => {
      const connection = await node.connected('wrong');
      const closed = await node.disconnected('wrong', connection, 'refused_publish');
      for (let copy = 0; copy < 3; copy += 1) await node.repeat('wrong', closed);
    };
    for (let time = 0; time < 4; time += 1) await fault();
    await node.connected('marker');
    await alerts.untilState('marker', 'online');
    expect(await ofVehicle('wrong')).not.toContain('misconfigured open');
    await world.judging.kill9();
    await fault();
    await world.startJudging();
    await eventually(async () => expect(await ofVehicle('wrong')).toContain('misconfigured open'), { timeoutMs: 30_000, everyMs: 100 });
    await world.judging.kill9();
    await fault();
    await world.startJudging();
    await alerts.untilState('wrong', 'offline');
    const types = (await alerts.eventsOf('wrong')).map(({ type, data }) => `${type} ${data.alert?.type}`);
    expect(types.filter((told) => told.endsWith('misconfigured'))).toEqual(['alert.opened misconfigured']);
  });

  it('is one identity conflict however often its refusals are written, though alerts is killed in between', async () => {
    const node = alerts.node('node-twins');
    await node.connected('twin', { address: '192.0.2.1' });
    const refused = await node.refused('twin', '192.0.2.2', { reason: 'take_over_limit' });
    await node.repeat('twin', refused);
    await alerts.untilTold('twin', ['alert.opened']);
    await world.judging.kill9();
    await node.repeat('twin', refused);
    await node.refused('twin', '192.0.2.3', { reason: 'take_over_limit' });
    await world.startJudging();
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    await eventually(
      async () =>
        expect(await alerts.rows(`select details from alerts where type = 'identity_conflict'`)).toEqual([{ details: { addresses } }]),
      { timeoutMs: 30_000, everyMs: 100 },
    );
    await alerts.untilTold('twin', ['alert.opened']);
  });

  it('is told of a certificate once however often its connection is written, and never of one that an older connection showed', async () => {
    const node = alerts.node('node-cards');
    const connectedAt = (secondsAgo: number) => ({ connectedAt: new Date(Date.now() - secondsAgo * 1_000).toISOString() });
    // One has shown a new one, and an older connection of it is heard of behind that.
    await node.connected('renewed', { ...ending(300, '02'), ...connectedAt(0) });
    await node.connected('renewed', { ...ending(3, '01'), ...connectedAt(60) });
    const soon = { ...ending(3, '03'), ...connectedAt(0) };
    await node.connected('ending', soon);
    await node.connected('ending', { ...soon, resumed: true });
    await alerts.untilTold('ending', ['alert.opened']);
    await world.judging.kill9();
    await node.connected('ending', { ...soon, resumed: true });
    await node.connected('ending-marker', ending(3, '04'));
    await world.startJudging();
    await alerts.untilTold('ending-marker', ['alert.opened']);
    await world.untilJudged();
    expect(await ofVehicle('renewed')).toEqual([]);
    expect(await ofVehicle('ending')).toEqual(['certificate_expiring open']);
    await alerts.untilTold('ending', ['alert.opened']);
  });
});
