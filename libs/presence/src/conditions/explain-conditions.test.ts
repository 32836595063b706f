import { describe, expect, it } from 'vitest';
import { fixedPolicy } from '../policy/policies.js';
import { at, dtc, fix, inYard, JudgedVehicle, onTheRoad, policyWith, subject, T0, volts, yard } from './conditions.fixture.js';
import { type ConditionReason, explainConditions } from './explain-conditions.js';

const NOW = T0 + 600_000;
const entering = { ...yard, alertOn: 'enter' as const };

function explained(truck: JudgedVehicle, nowMs = NOW) {
  const all = explainConditions(subject, truck.state, { policies: truck.policies, fences: truck.fences, nowMs });
  return (type: string) => {
    const one = all.find((condition) => condition.type === type);
    if (one === undefined) throw new Error(`${type} is not explained`);
    return one;
  };
}
const codes = ({ reasons }: { reasons: ConditionReason[] }) => reasons.map(({ code }) => code);

describe('conditions are explained', () => {
  it('of a vehicle that said nothing', () => {
    const of = explained(new JudgedVehicle({ fences: [] }));
    for (const type of ['dtc', 'battery_low', 'sos', 'crash', 'certificate_expiring']) expect(codes(of(type))).toEqual(['nothing_known']);
    expect(codes(of('geofence_enter'))).toEqual(['no_geofence']);
    expect(of('sos')).toMatchObject({ armed: true, open: [] });
  });

  it('with how many readings in a row are wanted, and how many there are', () => {
    const truck = new JudgedVehicle();
    truck.judge([volts(0, 12.5)]);
    expect(codes(explained(truck)('battery_low'))).toEqual(['battery_well']);
    truck.judge([volts(10, 11.1), volts(20, 11.2)]);
    const falling = explained(truck)('battery_low');
    expect(falling).toMatchObject({
      lastRecordedMs: T0 + 20_000,
      reasons: [{ code: 'battery_falling', text: expect.stringContaining('2 of 3 readings') }],
    });
    truck.judge([volts(30, 11)]);
    expect(codes(explained(truck)('battery_low'))).toEqual(['battery_low', 'alert_open', 'told']);
    expect(explained(truck)('battery_low').reasons[0]?.text).toContain('12.2 V or more');
  });

  it('with the side of each geofence, and what speaks against it', () => {
    const truck = new JudgedVehicle({ fences: [entering] });
    expect(codes(explained(truck)('geofence_enter'))).toEqual(['side_unknown']);
    expect(codes(explained(truck)('geofence_exit'))).toEqual(['no_geofence']);
    truck.judge([fix(10, onTheRoad), fix(20, onTheRoad)]);
    expect(explained(truck)('geofence_enter').reasons).toMatchObject([{ key: 'yard', code: 'never_crossed' }]);
    truck.judge([fix(30, inYard)]);
    expect(explained(truck)('geofence_enter').reasons).toMatchObject([
      { code: 'side_changing', text: expect.stringContaining('1 of 2 fixes') },
    ]);
    truck.judge([fix(40, inYard)]);
    expect(codes(explained(truck)('geofence_enter'))).toEqual(['inside', 'alert_open', 'told']);
    truck.fences = [{ ...entering, sinceMs: NOW }];
    expect(codes(explained(truck)('geofence_enter'))[0]).toBe('side_unknown');
  });

  it('with the codes that are active, cleared, and cleared not for long enough', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')], T0 + 1_000);
    truck.judge([dtc(10, 'cleared')], T0 + 11_000);
    expect(explained(truck, T0 + 31_000)('dtc').reasons[0]).toMatchObject({
      key: 'P0420',
      code: 'dtc_clearing',
      text: expect.stringContaining('another 40 s'),
    });
    expect(codes(explained(truck, T0 + 100_000)('dtc'))[0]).toBe('dtc_cleared');
  });

  it('with what became of an emergency', () => {
    const truck = new JudgedVehicle();
    truck.judge([at(0, { kind: 'emergency', events: [{ type: 'sos', name: 'SOS' }] })]);
    expect(codes(explained(truck)('sos'))).toEqual(['going_on', 'alert_open', 'told']);
    expect(codes(explained(truck, T0 + 2 * 86_400_000)('sos'))[0]).toBe('over');
    truck.judge([at(10, { kind: 'dismiss', type: 'sos' })]);
    expect(codes(explained(truck)('sos'))).toEqual(['dismissed']);
  });

  it('with a policy that opens nothing, and with a mute', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')]);
    truck.policies = fixedPolicy(policyWith({ conditionsOff: ['dtc'] }));
    expect(explained(truck)('dtc')).toMatchObject({
      armed: false,
      reasons: [{ code: 'policy_off' }, { code: 'dtc_active' }, { code: 'alert_open' }, { code: 'told' }],
    });
    const muted = new JudgedVehicle();
    muted.policies = { ...muted.policies, mutedUntilMs: () => Number.POSITIVE_INFINITY };
    muted.judge([dtc(0, 'active')]);
    expect(explained(muted)('dtc')).toMatchObject({ mutedUntilMs: Number.POSITIVE_INFINITY });
    expect(codes(explained(muted)('dtc'))).toEqual(['dtc_active', 'alert_open', 'not_told_muted']);
  });

  it('with a snooze of one alert, which mutes no other of its type', () => {
    const truck = new JudgedVehicle();
    const snoozed = T0 + 1_000;
    truck.policies = {
      ...truck.policies,
      mutedUntilMs: (_, { openedAtMs }) => (openedAtMs === snoozed ? Number.POSITIVE_INFINITY : undefined),
    };
    truck.judge([dtc(0, 'active')], snoozed);
    truck.judge([dtc(10, 'active', 'P0300')], T0 + 11_000);
    const { mutedUntilMs, reasons } = explained(truck)('dtc');
    expect(mutedUntilMs).toBeUndefined();
    const told = reasons.filter(({ code }) => code === 'told' || code === 'not_told_muted');
    expect(told.map(({ key, code }) => [key, code])).toEqual([
      ['P0420', 'not_told_muted'],
      ['P0300', 'told'],
    ]);
  });

  it('with when the alert about a certificate opens', () => {
    const truck = new JudgedVehicle();
    truck.judge([at(0, { kind: 'certificate', serial: '0a', notAfterMs: T0 + 90 * 86_400_000 })]);
    expect(explained(truck)('certificate_expiring').reasons).toMatchObject([
      { code: 'certificate_good', text: expect.stringContaining('2027-01-19') },
    ]);
  });
});
