import { Decoder } from '../codec/decoding/decoder.js';
import { Encoder, type ShortAck } from '../codec/encoding/encoder.js';
import type { Packet } from '../packets/packet.js';
import { type AckProperties, NO_PROPERTIES } from '../packets/properties.js';
import type { ReasonCode } from '../packets/reason-code.js';
import type { InboundPublish } from '../session/inbound-publish.js';
import type { PublishToken } from '../session/publish-token.js';
import { ConnectionEngine, type Wire } from './connection-engine.js';
import type { Acceptance, ConnectionEffects } from './interface/connection-effects.js';
import type { ServerCloseCause } from './interface/connection-end.js';
import type { ConnectionOptions } from './interface/connection-options.js';
import type { SubscribeToken, UnsubscribeToken } from './interface/subscription-tokens.js';

/**
 * One client's connection: bytes in, bytes out, decisions by effects. Holds no socket and no clock: times are
 * milliseconds of a monotonic clock (`performance.now()`), passed with each event. Events after the end are ignored.
 */
export class ServerConnection implements Wire {
  private readonly decoder: Decoder;
  private encoder: Encoder | undefined;
  private readonly engine: ConnectionEngine;
  private decoding = false;
  private outputAnnounced = false;
  /** Written, and not yet told to the metrics. */
  private pubacks = 0;
  private readingPaused = false;
  /** The socket is gone, and what came before is still to be read. */
  private lost: string | undefined;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly effects: ConnectionEffects,
    now: number,
  ) {
    this.decoder = new Decoder({ maxPacketBytes: options.maxPacketBytes });
    this.engine = new ConnectionEngine(options, effects, this, now);
  }

  /** Bytes from the socket; the chunk is the connection's from now on. */
  receive(chunk: Buffer, now: number): void {
    if (this.engine.ended) return;
    this.decoder.push(chunk);
    this.decode(now);
  }

  /** What is to be written, in order: usually one buffer that holds every packet since the last call. */
  takeOutput(): Buffer[] {
    this.outputAnnounced = false;
    if (this.pubacks > 0) this.effects.packets?.('out', 'puback', this.pubacks);
    this.pubacks = 0;
    return this.encoder?.take() ?? [];
  }

  /** CONNACK leaves, and what is unfinished in the session: whatever had to be durable for it, is. */
  accept(acceptance: Acceptance, now: number): void {
    this.engine.accept(acceptance, now);
  }

  /** `reasonCode` is one of CONNACK's; 3.1.1 gets the return code for it, or none. `detail` is its reason string. Ends a re-authentication too. */
  refuse(reasonCode: ReasonCode, detail: string, now: number): void {
    this.engine.refuse(reasonCode, detail, now);
  }

  continueAuthentication(data: Buffer | undefined, now: number): void {
    this.engine.continueAuthentication(data, now);
  }

  reauthenticated(data: Buffer | undefined): void {
    this.engine.reauthenticated(data);
  }

  /**
   * Success: durable, the ack may leave when its turn comes. A code ≥ 0x80: refused (MQTT 5: in the ack; 3.1.1: closed). The token
   * knows where it belongs: after this connection's end the outcome is its session's, and acknowledged on the connection that
   * the client has sent the message on again. `properties` of the ack: at most 200 bytes, left out where the client may not be told.
   */
  settlePublish(token: PublishToken, reasonCode: ReasonCode, now: number, properties: AckProperties = NO_PROPERTIES): void {
    const entry = token as InboundPublish;
    entry.properties = properties;
    entry.receiver.settled(entry, reasonCode, now);
  }

  /** As `settlePublish`, of `count` that came on one connection, from the `first` of these on: all are durable, and their acks say no more. */
  settleStored(tokens: readonly PublishToken[], first: number, count: number, now: number): void {
    const entries = tokens as readonly InboundPublish[];
    entries[first]?.receiver.stored(entries, first, count, now);
  }

  /** Neither stored nor refused: it is not acknowledged, and whichever connection awaits the ack ends (0x89). The client sends it again. */
  failPublish(token: PublishToken, detail: string): void {
    (token as InboundPublish).receiver.failed(token as InboundPublish, detail);
  }

  /** `details`: of the subscriptions that are refused, why, for whoever writes the client; left out where it may not be told. */
  settleSubscribe(token: SubscribeToken, reasonCodes: readonly ReasonCode[], now: number, details?: readonly (string | undefined)[]): void {
    this.engine.settleSubscribe(token, reasonCodes, now, details);
  }

  settleUnsubscribe(token: UnsubscribeToken, reasonCodes: readonly ReasonCode[], now: number): void {
    this.engine.settleUnsubscribe(token, reasonCodes, now);
  }

  /** The socket's send buffer is full (false) or drained (true); while full, messages wait in the bounded queue. */
  setWritable(writable: boolean, now: number): void {
    this.engine.setWritable(writable, now);
  }

  timer(now: number): void {
    this.engine.timer(now);
  }

  /**
   * The socket is gone without our doing. What had arrived before still counts: a DISCONNECT that waits behind a limit of ours is
   * no lost network, so the end is told when that has been read. Before CONNACK it is told at once.
   */
  socketClosed(detail = 'the network connection was lost'): void {
    if (this.engine.established && this.engine.blocked && this.decoder.bufferedBytes > 0) this.lost ??= detail;
    else this.engine.socketClosed(detail);
  }

  /** Ends the connection for a reason of ours; MQTT 5 gets a DISCONNECT, and nothing after it (MQTT-3.14.4-1). */
  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string): void {
    this.engine.close(cause, reasonCode, detail);
  }

  /** The broker itself does not read this socket for now (a limit of its process): time-outs stand still until `readingResumed`. */
  readingStopped(now: number): void {
    this.engine.setReading(false, now);
  }

  readingResumed(now: number): void {
    this.engine.setReading(true, now);
  }

  /** For the engine. */
  send(packet: Packet): boolean {
    if (this.encoder === undefined || !this.encoder.write(packet)) return false;
    this.effects.packets?.('out', packet.type, 1);
    this.announceOutput();
    return true;
  }

  /** For the engine. */
  acknowledge(type: ShortAck, packetId: number): boolean {
    if (this.encoder === undefined || !this.encoder.acknowledge(type, packetId)) return false;
    if (type === 'puback') this.pubacks++;
    else this.effects.packets?.('out', type, 1);
    this.announceOutput();
    return true;
  }

  /** For the engine. */
  settled(now: number): void {
    this.decode(now);
  }

  private decode(now: number): void {
    // An effect may be answered at once, from within: whoever is decoding goes on after it.
    if (this.decoding) return;
    this.decoding = true;
    let publishes = 0;
    while (!this.engine.blocked) {
      const result = this.decoder.next();
      if (result === undefined) break;
      if (result.type === 'protocol-error') {
        if (result.protocolVersion !== undefined) this.encoder ??= new Encoder(result.protocolVersion);
      } else {
        if (result.type === 'connect') this.encoder ??= new Encoder(result.protocolVersion, result.properties.maximumPacketSize);
        if (result.type === 'publish') publishes++;
        else this.effects.packets?.('in', result.type, 1);
      }
      this.engine.received(result, now);
    }
    this.decoding = false;
    this.effects.caughtUp?.();
    if (publishes > 0) this.effects.packets?.('in', 'publish', publishes);
    this.engine.keepTime(now);
    if (this.lost !== undefined && !this.engine.blocked) this.engine.socketClosed(this.lost);
    this.updateReading();
  }

  private announceOutput(): void {
    if (this.outputAnnounced) return;
    this.outputAnnounced = true;
    this.effects.outputReady();
  }

  private updateReading(): void {
    if (this.engine.ended) return;
    const pause = this.engine.blocked && this.decoder.bufferedBytes >= this.options.readAheadBytes;
    if (pause === this.readingPaused) return;
    this.readingPaused = pause;
    if (pause) this.effects.pauseReading();
    else this.effects.resumeReading();
  }
}
