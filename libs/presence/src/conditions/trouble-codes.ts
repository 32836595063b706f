import type { TroubleCodeMention } from '@milepost/contracts';
import { compareMoments, type ItemMoment } from './item-moment.js';

/** What the newest report that calls a code active or cleared says of it. */
export interface TroubleCode extends ItemMoment {
  status: Extract<TroubleCodeMention['status'], 'active' | 'cleared'>;
  /** Time of the judging process at which it was found cleared; it must stay so for a while. */
  clearedMs?: number;
}

export type TroubleCodes = Readonly<Record<string, TroubleCode>>;

/** A vehicle has no more than this; codes that are not active are forgotten first, of those the oldest. */
export const MAX_TROUBLE_CODES = 128;

/**
 * One mention. An older report behind a newer one says nothing of the present. `pending` and `permanent` neither open nor clear: they are not kept,
 * or an older `active` or `cleared` that comes behind them would be passed over.
 */
export function readMention(codes: TroubleCodes, { code, status }: TroubleCodeMention, moment: ItemMoment, nowMs: number): TroubleCodes {
  if (status !== 'active' && status !== 'cleared') return codes;
  const before = codes[code];
  if (before !== undefined && compareMoments(moment, before) <= 0) return codes;
  const clearedMs = status === 'active' ? undefined : before?.status === 'cleared' ? before.clearedMs : nowMs;
  const { recordedAtMs, identity } = moment;
  return bounded({ ...codes, [code]: { recordedAtMs, identity, status, ...(clearedMs !== undefined && { clearedMs }) } });
}

function bounded(codes: TroubleCodes): TroubleCodes {
  const names = Object.keys(codes);
  if (names.length <= MAX_TROUBLE_CODES) return codes;
  const [oldest] = Object.entries(codes).sort(([, a], [, b]) => rank(a) - rank(b) || compareMoments(a, b));
  if (oldest === undefined) return codes;
  const { [oldest[0]]: _, ...rest } = codes;
  return rest;
}

const rank = ({ status }: TroubleCode): number => (status === 'active' ? 1 : 0);
