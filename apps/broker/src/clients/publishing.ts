import { formatReceipt, receiptProperty, topics } from '@milepost/contracts';
import { type AppendOutcome, placeOf } from '@milepost/kafka';
import { type AckProperties, type Publish, type PublishToken, ReasonCode } from '@milepost/mqtt';
import { isPlain } from '../bridge/message.js';
import type { ClientConnection, ConnectionSurroundings } from '../connections/client-connection.js';
import type { MessagePath } from '../delivery/message-path.js';
import { PublishRun, type RunOwner } from '../delivery/publish-run.js';
import type { Publisher } from '../delivery/publisher.js';
import type { BrokerMetrics } from '../metrics.js';
import type { Route } from './access.js';

export interface PublishingParts extends Pick<ConnectionSurroundings, 'flusher'> {
  readonly path: MessagePath;
  readonly metrics: Pick<BrokerMetrics, 'publishAcknowledged'>;
}

/** What one client publishes, from its authorisation to its acknowledgement. */
export class Publishing implements RunOwner {
  /** Plain publishes of the read that is being decoded. */
  private run: PublishRun | undefined;

  constructor(
    readonly publisher: Publisher,
    private readonly connection: Pick<ClientConnection, 'settlePublish' | 'settleStored' | 'failPublish' | 'readAtMs'>,
    private readonly parts: PublishingParts,
    private readonly wantsReceipts: boolean,
  ) {}

  /** @returns false: it does not go with those before it, if there are any. */
  goesOn(token: PublishToken): boolean {
    return this.run?.add(token) === true;
  }

  publish(publish: Publish, token: PublishToken | undefined, route: Route): void {
    this.sendOn();
    if (token === undefined) {
      void this.parts.path.offer(publish, route, this.publisher);
      return;
    }
    this.run = new PublishRun(token, route, this.publisher, this.connection.readAtMs, this);
    // What goes on record has its place there from now on.
    if (!isPlain(publish) || route.topic === topics.mqttMessages) this.sendOn();
  }

  /** What was held back to go with others goes: nothing of them comes, or something that must not overtake it. */
  sendOn(): void {
    const { run } = this;
    if (run === undefined) return;
    this.run = undefined;
    this.parts.path.put(run);
  }

  /** The outcome of these publishes of a run. */
  acknowledge({ tokens, route, receivedAt }: PublishRun, outcome: AppendOutcome, first: number, count: number): void {
    const { connection, parts } = this;
    if (outcome.kind === 'stored') parts.metrics.publishAcknowledged(parts.flusher.now() - receivedAt, count);
    if (outcome.kind === 'stored' && !this.wantsReceipts) {
      connection.settleStored(tokens, first, count);
      return;
    }
    for (let behind = 0; behind < count; behind++) {
      const token = tokens[first + behind] as PublishToken;
      const own = placeOf(outcome, behind);
      if (own.kind === 'stored') connection.settlePublish(token, ReasonCode.Success, receiptOf(route, own));
      else if (own.kind === 'refused') connection.settlePublish(token, ReasonCode.ImplementationSpecificError);
      // Neither stored nor refused: it may not be acknowledged, and the client must send it again.
      else connection.failPublish(token, 'the message could not be taken; send it again');
    }
  }
}

/** What the ack says of the record: /v1/trace tells what became of it. */
function receiptOf({ topic }: Route, { partition, offset }: { partition: number; offset: bigint }): AckProperties {
  return { userProperties: [[receiptProperty, formatReceipt({ topic, partition, offset })]] };
}
