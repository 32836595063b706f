import { sleep } from '@milepost/runtime';

/**
 * Spreads fetches: one costs Kafka and the client the same whether it brings one record or a thousand, and so does what is done with each.
 * The next fetch waits until `everyMs` after the batches of this one came; where they take longer, it does not wait at all. So does the first
 * record after a pause, for a fetch stands open then.
 */
export class FetchPace {
  readonly #everyMs: number;
  #turn: Promise<void> | undefined;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** To be called when a batch comes: resolves when its fetch may be followed by the next. Undefined: at once. */
  turn(): Promise<void> | undefined {
    if (this.#everyMs === 0) return undefined;
    this.#turn ??= sleep(this.#everyMs).then(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }
}
