import type { OutboundMessage } from '../outbound-message.js';
import type { AwaitedAck, InFlightMessage } from '../session-journal.js';
import type { OutboundWire } from './outbound-wire.js';

/** A QoS 1 or 2 message towards the client, from its packet identifier to its last ack. */
export class Exchange implements InFlightMessage {
  /** Its PUBLISH has left once, on whichever wire: from then on it is a duplicate. */
  begun = false;
  /** The wire that its packet left on, or is due on as a release: one place of that window is taken. */
  wire: OutboundWire | undefined;

  constructor(
    readonly packetId: number,
    readonly message: OutboundMessage,
    public awaiting: AwaitedAck,
    /** That this is awaited is on record, where there is a journal: its packet may leave. */
    public recorded: boolean,
  ) {}

  occupy(wire: OutboundWire): void {
    if (this.wire === wire) return;
    this.wire = wire;
    wire.open++;
  }
}
