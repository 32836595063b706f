import type { Trace } from '@milepost/contracts';
import { sleep } from '@milepost/runtime';

const LOOK_EVERY_MS = 200;

/** What the API says became of a message. */
export class TraceClient {
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
  ) {}

  /**
   * Resolves when the message is in the database.
   * @throws Error when the signal is aborted, the API answers with a problem, or the message became something else.
   */
  async untilStored(receipt: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { state } = await this.trace(receipt, signal);
      if (state === 'stored') return;
      if (state !== 'pending') throw new Error(`${receipt} became ${state}`);
      await sleep(LOOK_EVERY_MS, signal);
      signal.throwIfAborted();
    }
  }

  private async trace(receipt: string, signal: AbortSignal): Promise<Trace> {
    const response = await fetch(`${this.url}/v1/trace?receipt=${encodeURIComponent(receipt)}`, {
      headers: { authorization: `Bearer ${this.apiKey}` },
      signal,
    });
    if (!response.ok) throw new Error(`the API answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
    return (await response.json()) as Trace;
  }
}
