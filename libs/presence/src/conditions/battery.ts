import type { ConditionPolicy } from './condition-policy.js';
import type { ItemMoment } from './item-moment.js';

/** Whether the battery is low, and how many readings in a row say otherwise. */
export interface BatteryState {
  low: boolean;
  against: number;
  /** The reading that the last change came of. */
  volts?: number;
  atMs?: number;
}

export const unknownBattery: BatteryState = { low: false, against: 0 };

/** One reading, in volts: low below the threshold, well again above threshold and margin, and so only for as many readings in a row as the policy wants. */
export function readBattery(
  state: BatteryState,
  volts: number,
  { recordedAtMs }: ItemMoment,
  { lowVolts, marginVolts, readings }: ConditionPolicy['battery'],
): BatteryState {
  const isAgainst = state.low ? volts >= lowVolts + marginVolts : volts < lowVolts;
  if (!isAgainst) return state.against === 0 ? state : { ...state, against: 0 };
  const against = state.against + 1;
  if (against < readings) return { ...state, against };
  return { low: !state.low, against: 0, volts, atMs: recordedAtMs };
}
