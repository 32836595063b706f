import { Random } from '../fuzz/random.js';
import type { Fault, Target } from './faults/fault.js';

export interface Injection {
  fault: Fault;
  /** Counts from 1 through the whole run. */
  number: number;
  random: Random;
}

/** The order of the faults, by the seed alone: round after round, each a shuffled deck of all kinds. */
export class Plan {
  readonly #seed: number;
  readonly #faults: readonly Fault[];
  readonly #random: Random;
  #deck: Fault[] = [];
  #drawn = 0;
  rounds = 0;

  constructor(seed: number, faults: readonly Fault[]) {
    this.#seed = seed;
    this.#faults = faults;
    this.#random = new Random(seed);
  }

  /** Every kind of the running round has been taken. */
  get isRoundOver(): boolean {
    return this.#deck.length === 0;
  }

  /** Lays out the next round. */
  nextRound(): void {
    this.rounds += 1;
    this.#deck = [...this.#faults];
    for (let at = this.#deck.length - 1; at > 0; at -= 1) {
      const other = this.#random.below(at + 1);
      [this.#deck[at], this.#deck[other]] = [this.#deck[other] as Fault, this.#deck[at] as Fault];
    }
  }

  /** The next of the round that touches nothing of what is busy; undefined when there is none at the moment. */
  take(busy: ReadonlySet<Target>): Injection | undefined {
    const at = this.#deck.findIndex(({ targets }) => !targets.some((target) => busy.has(target)));
    const [fault] = at < 0 ? [] : this.#deck.splice(at, 1);
    if (fault === undefined) return undefined;
    this.#drawn += 1;
    return { fault, number: this.#drawn, random: new Random(this.#seed * 10_007 + this.#drawn) };
  }
}
