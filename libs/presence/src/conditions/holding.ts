import { emergencyTypes } from '@milepost/contracts';
import type { PresencePolicy } from '../policy/policy.js';
import { expirySeverity } from './certificate.js';
import { isGoingOn } from './emergencies.js';
import type { Geofence } from './geofence.js';
import { conditionKey, type Holding, type VehicleConditions } from './vehicle-conditions.js';

const instant = (ms: number): string => new Date(ms).toISOString();

/** The conditions that hold, by what is known now: which alerts are to be open. They follow from the state alone, not from how it came about. */
export function holdingOf(state: VehicleConditions, fences: readonly Geofence[], policy: PresencePolicy, nowMs: number): Holding[] {
  return [
    ...troubleCodes(state, policy, nowMs),
    ...battery(state, policy),
    ...crossings(state, fences, policy),
    ...emergencies(state, policy, nowMs),
    ...certificate(state, policy, nowMs),
  ].filter(({ type }) => !policy.conditions.off.has(type));
}

function troubleCodes({ codes = {}, open }: VehicleConditions, { severity, conditions }: PresencePolicy, nowMs: number): Holding[] {
  const isOpen = new Set(open.map(conditionKey));
  return Object.entries(codes).flatMap(([code, { status, clearedMs, recordedAtMs }]): Holding[] => {
    const holding = { type: 'dtc' as const, key: code, severity: severity.dtc, condition: { code, recordedAt: instant(recordedAtMs) } };
    const mayReturn = clearedMs !== undefined && nowMs < clearedMs + conditions.dtcClearedMs && isOpen.has(conditionKey(holding));
    return status === 'active' || mayReturn ? [holding] : [];
  });
}

function battery({ battery: fold }: VehicleConditions, { severity, conditions }: PresencePolicy): Holding[] {
  if (!fold?.head.low) return [];
  const { volts, atMs } = fold.head;
  const condition = {
    ...(volts !== undefined && { volts }),
    thresholdVolts: conditions.battery.lowVolts,
    ...(atMs !== undefined && { recordedAt: instant(atMs) }),
  };
  return [{ type: 'battery_low', key: '', severity: severity.battery_low, condition }];
}

function crossings({ fixes }: VehicleConditions, fences: readonly Geofence[], { severity }: PresencePolicy): Holding[] {
  if (fixes === undefined) return [];
  return fences.flatMap(({ id, name, alertOn }): Holding[] => {
    const { side, crossed } = fixes.head[id] ?? { side: 'unknown' as const };
    if (crossed === undefined) return [];
    const crossing = side === 'inside' ? 'enter' : 'exit';
    if (alertOn !== 'both' && alertOn !== crossing) return [];
    const type = `geofence_${crossing}` as const;
    const condition = { geofenceId: id, geofenceName: name, position: crossed.position, recordedAt: instant(crossed.atMs) };
    return [{ type, key: id, severity: severity[type], condition }];
  });
}

function emergencies({ emergencies: known = {} }: VehicleConditions, { severity, conditions }: PresencePolicy, nowMs: number): Holding[] {
  return emergencyTypes.flatMap((type): Holding[] => {
    const emergency = known[type];
    if (emergency === undefined || !isGoingOn(emergency, nowMs, conditions.eventOpenMs)) return [];
    const { firstAtMs, lastAtMs, count, event, eventSeverity, position, clockSuspect } = emergency;
    const condition = {
      event,
      ...(eventSeverity !== undefined && { eventSeverity }),
      count,
      recordedAt: instant(firstAtMs),
      lastRecordedAt: instant(lastAtMs),
      ...(position && { position }),
      ...(clockSuspect && { clockSuspect }),
    };
    return [{ type, key: '', severity: severity[type], condition }];
  });
}

function certificate({ certificate: shown }: VehicleConditions, { severity, conditions }: PresencePolicy, nowMs: number): Holding[] {
  if (shown === undefined) return [];
  const { serial, notAfterMs } = shown;
  const level = expirySeverity(notAfterMs, nowMs, conditions.certificateWarningMs, severity.certificate_expiring);
  if (level === undefined) return [];
  return [{ type: 'certificate_expiring', key: '', severity: level, condition: { serial, notAfter: instant(notAfterMs) } }];
}
