import { ReasonCode } from '@milepost/mqtt';
import { type Identity, recheck, type Trust } from '@milepost/pki';
import type { Logger } from '@milepost/runtime';
import type { Admission } from './admission.js';
import type { ClientConnection } from './client-connection.js';
import type { ClientRegistry } from './client-registry.js';

export interface ConnectionGuardOptions {
  registry: ClientRegistry;
  trust: Trust;
  admission: Pick<Admission, 'sweep' | 'report'>;
  logger: Logger;
  now?: () => number;
}

const SWEEP_MS = 1_000;
/** A list that is required (strict) may run out without any file changing. */
const RECHECK_MS = 60_000;

/** Ends connections whose certificate no longer speaks for them: at its end, when it is revoked, when its CA is no longer trusted. */
export class ConnectionGuard {
  private readonly stopListening: () => void;
  private readonly timers: NodeJS.Timeout[];
  private readonly now: () => number;

  constructor(private readonly options: ConnectionGuardOptions) {
    this.now = options.now ?? Date.now;
    this.stopListening = options.trust.onChange(() => this.recheckAll());
    this.timers = [setInterval(() => this.sweep(), SWEEP_MS), setInterval(() => this.recheckAll(), RECHECK_MS)];
  }

  close(): void {
    this.stopListening();
    for (const timer of this.timers) clearInterval(timer);
  }

  private sweep(): void {
    const nowMs = this.now();
    this.options.admission.sweep();
    for (const connection of this.options.registry.all()) {
      if (connection.identity.notAfter.getTime() <= nowMs) this.end(connection, 'expired', 'its certificate has reached its end');
    }
  }

  private recheckAll(): void {
    const now = new Date(this.now());
    let ended = 0;
    for (const connection of this.options.registry.all()) {
      const finding = recheck(connection.identity satisfies Identity, this.options.trust, now);
      if (finding === undefined) continue;
      this.end(connection, finding.reason, finding.detail);
      ended += 1;
    }
    if (ended > 0) this.options.logger.warn({ event: 'broker.trust.connections_ended', ended }, 'Connections ended, as trust in them did');
  }

  private end(connection: ClientConnection, reason: NonNullable<ReturnType<typeof recheck>>['reason'], detail: string): void {
    if (connection.announced === undefined) this.options.admission.report(connection, reason, detail);
    connection.close(reason === 'expired' ? 'certificate_expired' : 'revoked', ReasonCode.NotAuthorized, detail);
  }
}
