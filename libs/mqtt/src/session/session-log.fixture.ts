import type { Harness } from '../connection/harness.fixture.js';
import type { OutboundMessage } from './outbound-message.js';
import type { PublishToken } from './publish-token.js';
import type { AwaitedAck, Durable, InboundState, OutboundState, RestoredSession, SessionJournal } from './session-journal.js';

/** A message of the client in the log. */
export interface MessageLine {
  readonly kind: 'message';
  readonly number: number;
  /** 0: QoS 1. */
  readonly packetId: number;
  readonly harness: Harness;
  readonly token: PublishToken;
}

type Line =
  | MessageLine
  | { readonly kind: 'outbound'; readonly state: OutboundState; readonly durable: Durable | undefined }
  | { readonly kind: 'inbound'; readonly received: readonly number[]; readonly durable: Durable | undefined };

/** The broker's log, with its client's messages and what the session's journal says; it becomes durable line by line, in order. */
export class SessionLog implements SessionJournal {
  private readonly lines: Line[] = [];
  private durableLines = 0;

  outbound(state: OutboundState, durable?: Durable): void {
    this.lines.push({ kind: 'outbound', state, durable });
  }

  inbound({ received, arriving }: InboundState, durable?: Durable): void {
    // What is in the log and not settled is only here known to be ours.
    const ours = this.lines.slice(this.durableLines).flatMap((line) => (line.kind === 'message' ? [line.packetId] : []));
    this.lines.push({ kind: 'inbound', received: [...received, ...arriving.filter((id) => ours.includes(id))], durable });
  }

  append(message: MessageLine): void {
    this.lines.push(message);
  }

  /** So many more lines are durable. `stored` hears of each message among them. */
  keep(count: number, stored: (message: MessageLine) => void): void {
    for (let kept = 0; kept < count && this.durableLines < this.lines.length; kept++) {
      const line = this.lines[this.durableLines++];
      if (line?.kind === 'message') stored(line);
      else line?.durable?.(0);
    }
  }

  /** The process dies: what is not durable is lost. */
  cut(): void {
    this.lines.length = this.durableLines;
  }

  /** The session as its journal says. `delivered`: every message that was ever handed to it, in order. */
  restored(delivered: readonly OutboundMessage[]): RestoredSession {
    let outbound: OutboundState = { lastPacketId: 0, lastTaken: undefined, inFlight: [] };
    let received: number[] = [];
    for (const line of this.durable) {
      if (line.kind === 'outbound') outbound = line.state;
      else if (line.kind === 'inbound') received = [...line.received];
      else if (line.packetId > 0) received.push(line.packetId);
    }
    const { lastPacketId, lastTaken, inFlight } = outbound;
    const taken = (lastTaken as { number: number } | undefined)?.number ?? -1;
    const queued = delivered.filter(({ qos }, number) => qos > 0 && number > taken);
    return { lastPacketId, ...(lastTaken !== undefined && { lastTaken }), inFlight, queued, received };
  }

  /** Was it ever durable that this packet identifier awaits this? */
  recorded(packetId: number, awaiting: AwaitedAck): boolean {
    return this.durable.some(
      (line) => line.kind === 'outbound' && line.state.inFlight.some((each) => each.packetId === packetId && each.awaiting === awaiting),
    );
  }

  /** How often a message of the client is durable. */
  stored(number: number): number {
    return this.durable.filter((line) => line.kind === 'message' && line.number === number).length;
  }

  private get durable(): readonly Line[] {
    return this.lines.slice(0, this.durableLines);
  }
}
