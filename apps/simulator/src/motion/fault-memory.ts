import type { DtcItem } from '@milepost/contracts';
import type { Random } from '../random.js';

type Fault = { code: string } | { spn: number; fmi: number; oc: number };

/** SAE J2012 and J1939 faults that trucks do have. */
const faults: readonly [Fault, ...Fault[]] = [
  { code: 'P0420' }, // catalyst efficiency
  { code: 'P2463' }, // particulate filter, soot
  { code: 'P0128' }, // coolant below thermostat temperature
  { code: 'P20EE' }, // SCR NOx efficiency
  { code: 'U0100' }, // lost communication with engine control
  { code: 'C0035' }, // wheel speed sensor, left front
  { spn: 3251, fmi: 0, oc: 1 }, // particulate filter differential pressure, too high
  { spn: 110, fmi: 16, oc: 1 }, // coolant temperature, moderately high
  { spn: 1761, fmi: 17, oc: 1 }, // diesel exhaust fluid, low
];

const hour = 3_600;
const means = { untilFaultS: 30 * hour, pendingS: hour / 4, activeS: 6 * hour };

type Memory = { kind: 'clear'; secondsLeft: number } | { kind: 'pending' | 'active'; fault: Fault; secondsLeft: number };

/** One fault at a time: it appears as pending, becomes active, is cleared. */
export class FaultMemory {
  readonly #random: Random;
  #memory: Memory;
  #cleared: Fault | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#memory = random.chance(0.12)
      ? { kind: 'active', fault: random.pick(faults), secondsLeft: random.exponential(means.activeS) }
      : { kind: 'clear', secondsLeft: random.exponential(means.untilFaultS) };
  }

  advance(seconds: number): void {
    const secondsLeft = this.#memory.secondsLeft - seconds;
    this.#memory = secondsLeft > 0 ? { ...this.#memory, secondsLeft } : this.#next();
  }

  /** What the next message says; a cleared fault is said once. */
  report(): DtcItem[] {
    const cleared = this.#cleared;
    this.#cleared = undefined;
    return [
      ...(cleared ? [{ ...cleared, status: 'cleared' as const }] : []),
      ...(this.#memory.kind === 'clear' ? [] : [{ ...this.#memory.fault, status: this.#memory.kind }]),
    ];
  }

  #next(): Memory {
    const memory = this.#memory;
    if (memory.kind === 'clear')
      return { kind: 'pending', fault: this.#random.pick(faults), secondsLeft: this.#random.exponential(means.pendingS) };
    if (memory.kind === 'pending') return { kind: 'active', fault: memory.fault, secondsLeft: this.#random.exponential(means.activeS) };
    this.#cleared = memory.fault;
    return { kind: 'clear', secondsLeft: this.#random.exponential(means.untilFaultS) };
  }
}
