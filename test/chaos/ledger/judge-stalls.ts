import type { Finding } from './finding.js';
import { TOLERANCE_MS } from './judge-alerts.js';
import { coveredMs, earliest, type Stall } from './stalls.js';

export interface StallFindings {
  /** Time in which the ledger or the network before it stood still, and what it noted may have happened earlier. */
  ownStallMs: number;
  longestOwnStallMs: number;
  /** Why what the ledger says of moments cannot be believed. */
  overloaded: Finding[];
}

const MOST_SHARE = 0.05;

/** Who has often looked away for more than the law allows for, or once for as long as what he looks for lasts, has seen nothing. */
export function judgeStalls(stalls: readonly Stall[], { graceMs, loadMs }: { graceMs: number; loadMs: number }): StallFindings {
  const doubts = stalls.map(({ to }) => ({ from: earliest(to, stalls), to })).sort((a, b) => a.from - b.from);
  const blindMs = coveredMs(doubts.filter(({ from, to }) => to - from > TOLERANCE_MS));
  const longest = (times: readonly Stall[]) => Math.max(0, ...times.map(({ from, to }) => to - from));
  const overloaded = [
    ...(blindMs > loadMs * MOST_SHARE
      ? [`for ${blindMs} ms of ${Math.round(loadMs)} ms the ledger was late by more than ${TOLERANCE_MS} ms`]
      : []),
    ...(longest(doubts) > graceMs ? [`the ledger was late by up to ${longest(doubts)} ms, and a grace is ${graceMs} ms`] : []),
  ];
  return { ownStallMs: coveredMs(stalls), longestOwnStallMs: longest(stalls), overloaded: overloaded.map((what) => ({ what })) };
}
