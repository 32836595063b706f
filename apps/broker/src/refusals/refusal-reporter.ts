import type { Refusal } from '@milepost/pki';
import type { Logger } from '@milepost/runtime';
import { networkOf } from '../listener/entrance/network-of.js';
import { isAnswering, type MessageLog } from '../log/message-log.js';
import type { BrokerMetrics } from '../metrics.js';
import type { PresencePublisher, RefusedAttempt } from '../presence/presence-publisher.js';
import { RefusalLimiter } from './refusal-limiter.js';
import { shownText } from './shown-text.js';

export interface RefusalReporterOptions {
  publisher: Pick<PresencePublisher, 'refused'>;
  log: MessageLog;
  /** Sees what no trusted CA vouches for. */
  operatorOrganisation: string;
  metrics: Pick<BrokerMetrics, 'refusals' | 'unrecordedRefusals'>;
  logger: Logger;
}

const SWEEP_MS = 1_000;

/** "Why does my vehicle not connect" gets its answer here: the log, a metric, and a `refused` record. */
export class RefusalReporter {
  private readonly options: RefusalReporterOptions;
  private readonly limiter: RefusalLimiter<{ attempt: RefusedAttempt; detail: string }>;
  private readonly timer: NodeJS.Timeout;

  constructor(options: RefusalReporterOptions) {
    this.options = options;
    this.limiter = new RefusalLimiter(({ attempt, detail }, count) => this.record(attempt, detail, count), performance.now());
    this.timer = setInterval(() => this.limiter.sweep(performance.now()), SWEEP_MS);
    this.timer.unref();
  }

  /** `organisation` is left out where no trusted CA may speak for it. */
  refused(attempt: RefusedAttempt, detail: string): void {
    const { metrics, operatorOrganisation } = this.options;
    metrics.refusals.inc({ reason: attempt.reason });
    const owned = { ...attempt, organisation: attempt.organisation ?? operatorOrganisation };
    const kind = JSON.stringify([attempt.address, attempt.commonName, attempt.reason]);
    if (!this.limiter.add(kind, networkOf(attempt.address), { attempt: owned, detail: shownText(detail) }, performance.now()))
      metrics.unrecordedRefusals.inc();
  }

  /** Records what was held back. */
  close(): void {
    clearInterval(this.timer);
    this.limiter.flush();
  }

  private record(attempt: RefusedAttempt, detail: string, count: number): void {
    const { log, publisher, metrics, logger } = this.options;
    logger.warn({ event: 'broker.connection.refused', ...attempt, detail, count }, 'A connection was refused');
    // Without Kafka an attempt is only logged: a queue of them would grow with whoever knocks.
    if (isAnswering(log)) publisher.refused(attempt, count);
    else metrics.unrecordedRefusals.inc(count);
  }
}

/** The attempt that a certificate was refused in. What no trusted CA vouches for is told as the certificate claims it, but for the organisation. */
export function certificateAttempt(refusal: Refusal, address: string): RefusedAttempt {
  const { reason, commonName, organisation, issuer, serial, notAfter } = refusal;
  return {
    address,
    reason,
    ...(commonName !== undefined && { commonName: shownText(commonName) }),
    ...(organisation !== undefined && { organisation }),
    ...(issuer !== undefined && { issuer: shownText(issuer) }),
    ...(serial !== undefined && { serial: shownText(serial) }),
    ...(notAfter !== undefined && !Number.isNaN(notAfter.getTime()) && { notAfter: notAfter.toISOString() }),
  };
}
