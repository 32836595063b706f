import { describe, expect, it } from 'vitest';
import type { Report } from '../messages/diagnostics.js';
import type { Fix } from '../messages/location.js';
import { factOfReport, factsOfFix } from './condition-facts.js';

const fix = (fields: object = {}, more: Partial<Fix> = {}): Fix => ({
  recordedAtMs: 0,
  identity: 1n,
  clockSuspect: false,
  fixValid: true,
  attributes: null,
  fields: { latitude: 51, longitude: 7, accuracyM: 8, ...fields },
  ...more,
});
const report = (fields: object, more: Partial<Report> = {}): Report => ({
  recordedAtMs: 0,
  identity: 1n,
  clockSuspect: false,
  attributes: null,
  fields: { recordedAt: 0, ...fields },
  ...more,
});
const position = { latitude: 51, longitude: 7, accuracyM: 8 };

describe('what is set aside of a fix', () => {
  it('is nothing without geofences and emergencies', () => {
    expect(factsOfFix(fix({ events: [{ name: 'harsh_braking' }] }), false)).toEqual([]);
  });

  it('is its place where the organisation has geofences, if it is one and the clock is right', () => {
    expect(factsOfFix(fix(), true)).toEqual([{ kind: 'fix', ...position }]);
    expect(factsOfFix(fix({}, { fixValid: false }), true)).toEqual([]);
    expect(factsOfFix(fix({}, { clockSuspect: true }), true)).toEqual([]);
  });

  it('is an emergency with what was said, whether or not there is a place and whatever the clock says', () => {
    const events = [{ name: 'SOS', severity: 'critical' }, { name: 'harsh_braking' }, { name: 'collision' }];
    expect(factsOfFix(fix({ events }, { fixValid: false, clockSuspect: true }), true)).toEqual([
      {
        kind: 'emergency',
        events: [
          { type: 'sos', name: 'SOS', severity: 'critical' },
          { type: 'crash', name: 'collision' },
        ],
        clockSuspect: true,
      },
    ]);
    expect(factsOfFix(fix({ events: [{ name: 'sos' }] }), false)).toEqual([
      { kind: 'emergency', events: [{ type: 'sos', name: 'sos' }], position },
    ]);
  });
});

describe('what is set aside of a report', () => {
  it('is nothing where it has neither a battery voltage nor a code, or its clock is wrong', () => {
    expect(factOfReport(report({ signals: { 'Vehicle.Speed': 12 } }))).toBeUndefined();
    expect(factOfReport(report({ dtcs: [] }))).toBeUndefined();
    expect(factOfReport(report({ dtcs: [{ code: 'P0420', status: 'active' }] }, { clockSuspect: true }))).toBeUndefined();
  });

  it('is the voltage, and each code by its last mention', () => {
    const dtcs = [
      { code: 'P0420', status: 'active' },
      { spn: 100, fmi: 3, status: 'active' },
      { code: 'P0420', status: 'cleared' },
    ];
    expect(factOfReport(report({ signals: { 'Vehicle.LowVoltageBattery.CurrentVoltage': 11.9 }, dtcs }))).toEqual({
      kind: 'report',
      volts: 11.9,
      dtcs: [
        { code: 'P0420', status: 'cleared' },
        { code: '100/3', status: 'active' },
      ],
    });
  });
});
