import type { AlertSeverity, Condition, ConditionType, FactPosition } from '@milepost/contracts';
import type { PendingNotice } from '../notices/notice.js';
import type { BatteryState } from './battery.js';
import type { ShownCertificate } from './certificate.js';
import type { Emergencies } from './emergencies.js';
import type { FenceSides } from './fence-sides.js';
import type { Reordering } from './reordering.js';
import type { TroubleCodes } from './trouble-codes.js';

/** An alert that is open for a condition. Its times are those of the judging process, but for when it opened. */
export interface OpenCondition extends PendingNotice {
  type: ConditionType;
  /** Which of its type: the code, the geofence; empty where there is but one. */
  key: string;
  severity: AlertSeverity;
  /** Of events that it stands for. */
  count?: number;
  /** Of the certificate that it is about. */
  serial?: string;
  /** When the vehicle noticed, as the alert says. */
  recordedAt?: string;
}

/** Everything that is known of a vehicle's conditions. Plain JSON: it is stored as it is. */
export interface VehicleConditions {
  battery?: Reordering<number, BatteryState>;
  fixes?: Reordering<FactPosition, FenceSides>;
  codes?: TroubleCodes;
  emergencies?: Emergencies;
  certificate?: ShownCertificate;
  open: OpenCondition[];
}

/** A condition that holds: an alert is to be open for it. */
export interface Holding {
  type: ConditionType;
  key: string;
  severity: AlertSeverity;
  condition: Condition;
}

export const noConditions: VehicleConditions = { open: [] };

export const conditionKey = ({ type, key }: Pick<Holding, 'type' | 'key'>): string => `${type}/${key}`;
