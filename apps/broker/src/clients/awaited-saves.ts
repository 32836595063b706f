import { ReasonCode, type ServerCloseCause } from '@milepost/mqtt';
import type { BrokerMetrics } from '../metrics.js';

export interface AwaitedSavesOptions {
  /** How long SUBACK or UNSUBACK may wait for the log to have its session, in ms. */
  timeoutMs: number;
  metrics: Pick<BrokerMetrics, 'limits'>;
}

/** The client, as far as it is needed here. */
export interface WaitingClient {
  readonly over: boolean;
  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string): void;
}

interface AwaitedSave {
  readonly client: WaitingClient;
  /** `performance.now`. */
  readonly sinceMs: number;
}

/**
 * SUBACKs and UNSUBACKs of kept sessions that wait for the log. After their time the connection ends with 0x89 (3.1.1: it is closed),
 * so that the client comes again and asks anew: what it asked for is neither granted nor refused. A failure code in SUBACK would be a
 * promise that the subscription is not there, and its record, which is on its way, may be stored any moment; one that took another's
 * place would be gone besides. Record and memory agree whatever happens: what is written is always what is in memory.
 */
export class AwaitedSaves {
  /** In the order of their times. */
  private readonly waiting = new Set<AwaitedSave>();

  constructor(private readonly options: AwaitedSavesOptions) {}

  get size(): number {
    return this.waiting.size;
  }

  /** `saved`: the session is on record. `answer` is called then, unless the client has gone. */
  wait(client: WaitingClient, saved: Promise<void>, answer: () => void): void {
    const save: AwaitedSave = { client, sinceMs: performance.now() };
    this.waiting.add(save);
    void saved.then(() => {
      this.waiting.delete(save);
      if (!client.over) answer();
    });
  }

  /** To be called once a second. */
  sweep(): void {
    const { timeoutMs, metrics } = this.options;
    const sinceMs = performance.now() - timeoutMs;
    for (const save of this.waiting) {
      if (save.sinceMs > sinceMs) return;
      this.waiting.delete(save);
      if (save.client.over) continue;
      metrics.limits.inc({ limit: 'suback_time' });
      save.client.close('network_error', ReasonCode.ServerBusy, 'the subscriptions cannot be recorded at the moment; come again');
    }
  }
}
