import type { Durable, InboundState, OutboundState, SessionJournal } from './session-journal.js';

interface Write {
  readonly outbound?: OutboundState;
  readonly inbound?: InboundState;
  readonly durable: Durable | undefined;
}

/** A log that keeps what it is given when it is told to, in order. */
export class FakeJournal implements SessionJournal {
  /** What a restart would find. */
  durable: { outbound: OutboundState | undefined; inbound: InboundState | undefined } = { outbound: undefined, inbound: undefined };
  readonly writes: Write[] = [];
  private lost = false;

  get pending(): number {
    return this.writes.length;
  }

  outbound(state: OutboundState, durable?: Durable): void {
    this.writes.push({ outbound: state, durable });
  }

  inbound(state: InboundState, durable?: Durable): void {
    this.writes.push({ inbound: state, durable });
  }

  /** The oldest writes become durable. */
  keep(now: number, count = this.writes.length): void {
    if (this.lost) return;
    for (const { outbound, inbound, durable } of this.writes.splice(0, count)) {
      this.durable = { outbound: outbound ?? this.durable.outbound, inbound: inbound ?? this.durable.inbound };
      durable?.(now);
    }
  }

  /** The process is gone: nothing that is pending is ever kept. */
  lose(): void {
    this.lost = true;
    this.writes.length = 0;
  }
}
