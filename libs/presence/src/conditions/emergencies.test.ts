import { describe, expect, it } from 'vitest';
import { at, inYard, JudgedVehicle, policyWith, steps, T0 } from './conditions.fixture.js';

const DAY_MS = 86_400_000;

describe('emergencies', () => {
  const sos = (second: number, name = 'SOS') => at(second, { kind: 'emergency', events: [{ type: 'sos', name }], position: inYard });

  it('an SOS opens an alert at once, with what the vehicle said', () => {
    const truck = new JudgedVehicle();
    const [opened] = truck.judge([sos(0)]);
    expect(opened).toMatchObject({ type: 'sos', severity: 'critical', condition: { event: 'SOS', count: 1, position: inYard } });
  });

  it('one of two hours ago in a backlog is an alert, that says when it was', () => {
    const truck = new JudgedVehicle();
    const old = at(0, { kind: 'emergency', events: [{ type: 'crash', name: 'crash' }] }, { receivedAtMs: T0 + 7_200_000 });
    expect(truck.judge([old])[0]).toMatchObject({
      type: 'crash',
      openedAtMs: T0 + 7_200_000,
      condition: { recordedAt: '2026-11-20T08:00:00.000Z' },
    });
  });

  it('further events join the one that is open, and are counted on it', () => {
    const truck = new JudgedVehicle();
    truck.judge([sos(0)]);
    expect(truck.judge([sos(30)])).toMatchObject([
      { kind: 'annotate_alert', type: 'sos', condition: { count: 2, lastRecordedAt: '2026-11-20T08:00:30.000Z' } },
    ]);
  });

  it('is over a day after the last event; a late one of it opens nothing again, another day does', () => {
    const truck = new JudgedVehicle();
    truck.judge([sos(0)]);
    expect(steps(truck.judge([], T0 + DAY_MS + 2_000))).toEqual(['resolve_alert sos']);
    expect(truck.judge([sos(60)], T0 + DAY_MS + 3_000)).toEqual([]);
    expect(steps(truck.judge([sos(2 * 86_400)], T0 + 2 * DAY_MS + 1_000))).toEqual(['open_alert sos', 'tell_alert sos']);
  });
});

describe('an emergency that somebody says is over', () => {
  const crash = (second: number) => at(second, { kind: 'emergency', events: [{ type: 'crash', name: 'crash' }] });
  const dismiss = (second: number) => at(second, { kind: 'dismiss', type: 'crash' });

  it('is resolved at once, and a late event of it opens nothing', () => {
    const truck = new JudgedVehicle();
    truck.judge([crash(60)]);
    expect(steps(truck.judge([dismiss(100)]))).toEqual(['resolve_alert crash']);
    expect(truck.judge([crash(30)])).toEqual([]);
  });

  it('is another one when the vehicle calls again, however soon', () => {
    const truck = new JudgedVehicle();
    truck.judge([crash(60)]);
    truck.judge([dismiss(100)]);
    expect(steps(truck.judge([crash(110)]))).toEqual(['open_alert crash', 'tell_alert crash']);
  });
});

describe('somebody who says that an emergency is over', () => {
  const sos = (second: number) => at(second, { kind: 'emergency', events: [{ type: 'sos', name: 'SOS' }] });
  const opened = (truck: JudgedVehicle) => truck.state.open[0]?.openedAtMs ?? 0;

  it('means the alert that they saw: another one that was opened since stays open', () => {
    const truck = new JudgedVehicle({ policy: policyWith({ eventOpenSeconds: 60, eventJoinSeconds: 10 }) });
    truck.judge([sos(0)]);
    const openedAtMs = opened(truck);
    truck.judge([], T0 + 100_000);
    truck.judge([sos(200)]);
    expect(truck.judge([at(201, { kind: 'dismiss', type: 'sos', openedAtMs, count: 1 })])).toEqual([]);
    expect(truck.open).toEqual(['sos']);
  });

  it('means the calls that it told of: one that came meanwhile is not passed over', () => {
    const truck = new JudgedVehicle();
    truck.judge([sos(0)]);
    const seen = { kind: 'dismiss', type: 'sos', openedAtMs: opened(truck) } as const;
    truck.judge([sos(30), at(31, { ...seen, count: 1 })]);
    expect(truck.open).toEqual(['sos']);
    truck.judge([at(40, { ...seen, count: 2 })]);
    expect(truck.open).toEqual([]);
  });
});

describe('a call for help behind an emergency that is over', () => {
  const sos = (second: number, receivedAtMs = T0 + second * 1_000 + 1_000) =>
    at(second, { kind: 'emergency', events: [{ type: 'sos', name: 'SOS' }] }, { receivedAtMs });
  const opened = ['open_alert sos', 'tell_alert sos'];

  it('is another one, although a clock that was ahead had dated the last one behind it', () => {
    const truck = new JudgedVehicle();
    truck.judge([sos(7_200, T0 + 1_000), sos(300)]);
    truck.judge([at(600, { kind: 'dismiss', type: 'sos' })]);
    expect(steps(truck.judge([sos(3_600)]))).toEqual(opened);
  });

  it('is another one, although events are joined over longer than alerts are open', () => {
    const truck = new JudgedVehicle({ policy: policyWith({ eventOpenSeconds: 60 }) });
    truck.judge([sos(0)]);
    truck.judge([], T0 + 100_000);
    expect(truck.open).toEqual([]);
    expect(steps(truck.judge([sos(120)]))).toEqual(opened);
  });
});
