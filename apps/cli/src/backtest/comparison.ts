import type { AlertSeverity, AlertType } from '@milepost/contracts';

/** An alert as it was, or as it would have been. Times are log time in ms. */
export interface ComparedAlert {
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  type: AlertType;
  openedAtMs: number;
  severity?: AlertSeverity | undefined;
  cause?: string | undefined;
  incidentId?: string | undefined;
  toldAtMs?: number | undefined;
  resolvedAtMs?: number | undefined;
  /** Somebody took care of it, after which nobody is told any more: when it was told says nothing of the policy then. */
  acknowledged?: boolean;
  /** It was open before the replay began. */
  seeded?: 'told' | 'untold';
}

export type Verdict = 'same' | 'only in reality' | 'only with this policy' | 'other time' | 'other cause';

export interface Compared {
  verdict: Verdict;
  real?: ComparedAlert;
  replayed?: ComparedAlert;
}

/** Pairs what was with what would have been: of one vehicle and type those that opened at once, then those that were open at once. In order of opening. */
export function compare(real: readonly ComparedAlert[], replayed: readonly ComparedAlert[]): Compared[] {
  const left = new Map<string, ComparedAlert[]>();
  for (const alert of real) left.set(keyOf(alert), [...(left.get(keyOf(alert)) ?? []), alert]);
  const compared: Compared[] = [];
  const later: ComparedAlert[] = [];
  const take = (alert: ComparedAlert, fits: (other: ComparedAlert) => boolean): ComparedAlert | undefined => {
    const candidates = left.get(keyOf(alert)) ?? [];
    const found = candidates.find(fits);
    if (found !== undefined) candidates.splice(candidates.indexOf(found), 1);
    return found;
  };
  for (const alert of replayed) {
    const match = take(alert, ({ openedAtMs }) => openedAtMs === alert.openedAtMs);
    if (match === undefined) later.push(alert);
    else compared.push({ verdict: verdictOf(match, alert), real: match, replayed: alert });
  }
  for (const alert of later) {
    const match = take(alert, (other) => overlap(other, alert));
    compared.push(
      match === undefined ? { verdict: 'only with this policy', replayed: alert } : { verdict: 'other time', real: match, replayed: alert },
    );
  }
  for (const rest of left.values()) for (const alert of rest) compared.push({ verdict: 'only in reality', real: alert });
  return compared.sort((a, b) => openedAt(a) - openedAt(b));
}

function verdictOf(real: ComparedAlert, replayed: ComparedAlert): Verdict {
  if (real.resolvedAtMs !== replayed.resolvedAtMs) return 'other time';
  if (!real.acknowledged && replayed.seeded !== 'told' && real.toldAtMs !== replayed.toldAtMs) return 'other time';
  return replayed.seeded === undefined && real.cause !== replayed.cause ? 'other cause' : 'same';
}

function overlap(one: ComparedAlert, other: ComparedAlert): boolean {
  return one.openedAtMs < (other.resolvedAtMs ?? Infinity) && other.openedAtMs < (one.resolvedAtMs ?? Infinity);
}

const keyOf = ({ vehicle, type }: ComparedAlert) => `${vehicle}/${type}`;
const openedAt = ({ real, replayed }: Compared) => replayed?.openedAtMs ?? real?.openedAtMs ?? 0;
