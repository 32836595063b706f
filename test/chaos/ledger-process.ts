import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AnswerTo, FromLedger, OrderName, OrderOf, Progress, ToLedger } from './ledger/orders.js';

/** A journal of an hour at 1,200 messages/s takes a few gigabytes when it is read back. */
const HEAP_MB = 8_192;

/** The ledger as the run sees it: a process that is asked and answers. */
export class LedgerProcess {
  progress: Progress = { acknowledged: 0, lastAcknowledgedAt: Date.now(), stalls: [], expected: 0, flowing: 0 };
  readonly #stalls: Progress['stalls'] = [];
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 0;

  constructor({ onStart }: { onStart(pid: number): void }) {
    this.#child = fork(fileURLToPath(new URL('./ledger/main.js', import.meta.url)), {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${HEAP_MB}`, '--enable-source-maps'],
    });
    if (this.#child.pid !== undefined) onStart(this.#child.pid);
    this.#child.on('message', (message: FromLedger) => this.#heard(message));
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#asked.values()) reject(new Error(`The ledger ended (${code ?? signal})`));
      this.#asked.clear();
    });
  }

  ask<Name extends OrderName>(name: Name, order?: OrderOf<Name>): Promise<AnswerTo<Name>> {
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, name, order } satisfies ToLedger, (error) => error && reject(error));
    });
  }

  /** The fault is over. What was counted until then says nothing of what comes. */
  async lifted(): Promise<void> {
    this.#progressed(await this.ask('lifted'));
  }

  /** The longest time without an acknowledgement that was not over by then, or began later. */
  longestStallMs(since: number): number {
    const ended = this.#stalls.filter(({ to }) => to > since).map(({ from, to }) => to - from);
    return Math.max(0, ...ended, Date.now() - this.progress.lastAcknowledgedAt);
  }

  /** Whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #heard(message: FromLedger): void {
    if (message.kind === 'progress') {
      this.#progressed(message.progress);
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.kind === 'answer') asked?.resolve(message.value);
    else asked?.reject(new Error(message.message));
  }

  #progressed(progress: Progress): void {
    this.progress = progress;
    this.#stalls.push(...progress.stalls);
  }
}
