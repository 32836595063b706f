import type { AppendOutcome, RunReceiver } from '@milepost/kafka';
import type { Publish, PublishToken } from '@milepost/mqtt';
import { isPlain } from '../bridge/message.js';
import type { Route } from '../clients/access.js';
import type { Publisher } from './publisher.js';

/** Who tells the client what became of its publishes. */
export interface RunOwner {
  /** `count` of the run from the `first` on may be answered. */
  acknowledge(run: PublishRun, outcome: AppendOutcome, first: number, count: number): void;
}

/**
 * Publishes of one client that go to the log together and are acknowledged together: plain ones of one topic that were read
 * together. Any other is a run by itself.
 */
export class PublishRun implements RunReceiver {
  readonly tokens: PublishToken[];

  constructor(
    first: PublishToken,
    readonly route: Route,
    readonly publisher: Publisher,
    /** When it was read (ms, monotonic). */
    readonly receivedAt: number,
    private readonly owner: RunOwner,
  ) {
    this.tokens = [first];
  }

  /** Speaks for all where they do not differ. */
  get first(): Publish {
    return (this.tokens[0] as PublishToken).publish;
  }

  /** Of QoS 2, to be remembered with the message. */
  get packetId(): number | undefined {
    return this.first.qos === 2 ? this.first.packetId : undefined;
  }

  settled(outcome: AppendOutcome, first: number, count: number): void {
    this.owner.acknowledge(this, outcome, first, count);
  }

  /** Adds one to plain ones. @returns false: it does not belong to them. */
  add(next: PublishToken): boolean {
    if (next.publish.topic !== this.first.topic || !isPlain(next.publish)) return false;
    this.tokens.push(next);
    return true;
  }
}
