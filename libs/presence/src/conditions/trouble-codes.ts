import type { TroubleCodeMention } from '@milepost/contracts';
import { compareMoments, type ItemMoment } from './item-moment.js';

/** What the newest report that mentions a code says of it. */
export interface TroubleCode extends ItemMoment {
  status: TroubleCodeMention['status'];
  /** Time of the judging process at which it was found cleared; it must stay so for a while. */
  clearedMs?: number;
}

export type TroubleCodes = Readonly<Record<string, TroubleCode>>;

/** A vehicle has no more than this; codes that are not active are forgotten first, of those the oldest. */
export const MAX_TROUBLE_CODES = 128;

/** One mention. An older report behind a newer one says nothing of the present. `pending` and `permanent` neither open nor clear. */
export function readMention(codes: TroubleCodes, { code, status }: TroubleCodeMention, moment: ItemMoment, nowMs: number): TroubleCodes {
  const before = codes[code];
  if (before !== undefined && compareMoments(moment, before) <= 0) return codes;
  const kept = status === 'active' || status === 'cleared' ? status : (before?.status ?? status);
  const clearedMs = kept !== 'cleared' ? undefined : before?.status === 'cleared' ? before.clearedMs : nowMs;
  const { recordedAtMs, identity } = moment;
  return bounded({ ...codes, [code]: { recordedAtMs, identity, status: kept, ...(clearedMs !== undefined && { clearedMs }) } });
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
