import { describe, expect, it } from 'vitest';
import { at, dtc, JudgedVehicle, policyWith, steps, T0 } from './conditions.fixture.js';
import { nextLookMs } from './judge-conditions.js';

describe('policies', () => {
  it('a condition that is switched off opens nothing, and resolves what is open at the next look', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')]);
    truck.policies = { ...truck.policies, policyOf: () => policyWith({ conditionsOff: ['dtc'] }) };
    expect(steps(truck.judge([dtc(10, 'active', 'P0300')]))).toEqual(['resolve_alert dtc']);
  });

  it('a muted alert is open and told when the mute ends; one that is over by then without a word', () => {
    const mutedUntilMs = T0 + 30_000;
    const muted = () => {
      const truck = new JudgedVehicle({ policy: policyWith({ dtcClearedSeconds: 0 }) });
      truck.policies = { ...truck.policies, mutedUntilMs: (_subject, _telling, atMs) => (atMs < mutedUntilMs ? mutedUntilMs : undefined) };
      expect(steps(truck.judge([dtc(0, 'active')]))).toEqual(['open_alert dtc']);
      return truck;
    };
    const lasting = muted();
    expect(lasting.judge([], T0 + 20_000)).toEqual([]);
    expect(steps(lasting.judge([], T0 + 30_000))).toEqual(['tell_alert dtc']);
    const over = muted();
    expect(steps(over.judge([dtc(10, 'cleared')]))).toEqual(['resolve_alert dtc']);
    expect(over.judge([], T0 + 40_000)).toEqual([]);
  });

  it('is told again after the interval of the policy', () => {
    const truck = new JudgedVehicle({ policy: policyWith({}, { renotifyMs: 60_000 }) });
    truck.judge([dtc(0, 'active')], T0 + 2_000);
    expect(truck.judge([], T0 + 50_000)).toEqual([]);
    expect(truck.judge([], T0 + 62_000)).toMatchObject([{ kind: 'tell_alert', again: true }]);
  });

  it('another interval holds for what is open and told already', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')], T0 + 2_000);
    const reminded = (renotifyMs: number, nowMs: number) => {
      truck.policies = { ...truck.policies, policyOf: () => policyWith({}, { renotifyMs }) };
      return truck.judge([], nowMs);
    };
    expect(reminded(60_000, T0 + 30_000)).toEqual([]);
    expect(nextLookMs(truck.state, policyWith(), T0 + 30_000)).toBe(T0 + 62_000);
    expect(reminded(600_000, T0 + 62_000)).toEqual([]);
    expect(reminded(60_000, T0 + 70_000)).toMatchObject([{ kind: 'tell_alert', again: true }]);
    expect(reminded(0, T0 + 200_000)).toEqual([]);
  });

  it('two alerts of a vehicle never open in the same millisecond, so that a snooze means one of them', () => {
    const truck = new JudgedVehicle();
    truck.judge([
      at(0, {
        kind: 'report',
        dtcs: [
          { code: 'P0420', status: 'active' },
          { code: 'P0300', status: 'active' },
        ],
      }),
    ]);
    expect(new Set(truck.state.open.map(({ openedAtMs }) => openedAtMs)).size).toBe(2);
  });
});
