import type { Logger } from '@milepost/runtime';
import type { Admission } from './admission.js';
import type { AwaitedSaves } from './awaited-saves.js';
import type { Client } from './client.js';
import type { ClientRegistry } from './client-registry.js';
import type { Dismissal } from './gate.js';

export interface ClientGuardOptions {
  registry: ClientRegistry;
  admission: Pick<Admission, 'sweep'>;
  saves: Pick<AwaitedSaves, 'sweep'>;
  logger: Logger;
  now?: () => number;
}

const SWEEP_MS = 1_000;
/** What a door trusts may run out without any file changing (a strict revocation list). */
const RECHECK_MS = 60_000;

/** Ends connections whose right to be here is over: a certificate's end or revocation, a CA or a user that is no longer trusted. Looks after those who wait for the log. */
export class ClientGuard {
  private readonly timers: NodeJS.Timeout[];
  private readonly now: () => number;

  constructor(private readonly options: ClientGuardOptions) {
    this.now = options.now ?? Date.now;
    this.timers = [setInterval(() => this.sweep(), SWEEP_MS), setInterval(() => this.recheckAll(), RECHECK_MS)];
    for (const timer of this.timers) timer.unref();
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** To be called when anything changed that a door trusts. */
  recheckAll(): void {
    const now = new Date(this.now());
    let ended = 0;
    for (const client of this.options.registry.all()) ended += this.recheck(client, now) ? 1 : 0;
    if (ended > 0) this.options.logger.warn({ event: 'broker.trust.connections_ended', ended }, 'Connections ended, as trust in them did');
  }

  private sweep(): void {
    const nowMs = this.now();
    this.options.admission.sweep();
    this.options.saves.sweep();
    for (const client of this.options.registry.all()) if (client.gate.validUntilMs <= nowMs) this.recheck(client, new Date(nowMs));
  }

  private recheck(client: Client, now: Date): boolean {
    const dismissal = client.gate.recheck(now, client.filters());
    if (dismissal === undefined) return false;
    dismiss(client, dismissal);
    return true;
  }
}

function dismiss(client: Client, { reason, cause, reasonCode, detail }: Dismissal): void {
  if (!client.gate.announced) client.report(reason, detail);
  client.close(cause, reasonCode, detail);
}
