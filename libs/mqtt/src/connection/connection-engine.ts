import type { ShortAck } from '../codec/encoding/encoder.js';
import type { Connect, Disconnect, Packet, ProtocolVersion } from '../packets/packet.js';
import { NO_PROPERTIES } from '../packets/properties.js';
import type { ProtocolError } from '../packets/protocol-error.js';
import { ReasonCode } from '../packets/reason-code.js';
import { authPacket } from './auth-packet.js';
import { type Agreement, acceptingConnack, agreeOn, reasonStringFor, refusingConnack } from './connack.js';
import { refusalOf } from './connect-rules.js';
import { ConnectedClient, type ConnectedClientHost } from './connected-client.js';
import { Deadline } from './deadline.js';
import type { Acceptance, ConnectionEffects } from './interface/connection-effects.js';
import { type EndCause, fateOf, NO_WILL, type ServerCloseCause } from './interface/connection-end.js';
import type { ConnectionOptions } from './interface/connection-options.js';
import type { SubscribeToken, UnsubscribeToken } from './interface/subscription-tokens.js';
import { ownCode } from './own-code.js';

/** The bytes below the engine. */
export interface Wire {
  /** False: larger than the client accepts, nothing was sent. */
  send(packet: Packet): boolean;
  /** As `send`, of a success without properties. */
  acknowledge(type: ShortAck, packetId: number): boolean;
  /** `blocked` may have changed: it was looked at after every event. */
  settled(now: number): void;
}

type State =
  | { readonly kind: 'awaiting connect' }
  /** CONNECT was handed to the broker, which has not answered. */
  | { readonly kind: 'deciding'; readonly connect: Connect }
  /** The client is asked for more authentication data. */
  | { readonly kind: 'authenticating'; readonly connect: Connect; readonly method: string }
  | { readonly kind: 'connected'; readonly client: ConnectedClient; readonly agreement: Agreement }
  | { readonly kind: 'ended' };

/** Keep Alive runs out after one and a half of it (MQTT-3.1.2-22). */
const KEEP_ALIVE_FACTOR_MS = 1500;

/** The life of one connection as a state machine over packets: (state, event) → effects. It knows no bytes, socket or clock. */
export class ConnectionEngine implements ConnectedClientHost {
  private state: State = { kind: 'awaiting connect' };
  private deadline: Deadline;
  private scheduledAt = Number.POSITIVE_INFINITY;
  private brokerReads = true;

  constructor(
    private readonly options: ConnectionOptions,
    readonly effects: ConnectionEffects,
    private readonly wire: Wire,
    now: number,
  ) {
    this.deadline = new Deadline(options.connectTimeoutMs, now);
    this.schedule();
  }

  get ended(): boolean {
    return this.state.kind === 'ended';
  }

  /** CONNACK was sent, and the connection has not ended. */
  get established(): boolean {
    return this.state.kind === 'connected';
  }

  /** No further packet may be given to the engine for now. */
  get blocked(): boolean {
    const { state } = this;
    if (state.kind === 'connected') return state.client.blocked;
    return state.kind === 'deciding' || state.kind === 'ended';
  }

  /** Once all that one read brought has been received, `keepTime` is due. */
  received(packet: Packet | ProtocolError, now: number): void {
    this.deadline.heard(now);
    const { state } = this;
    if (packet.type === 'protocol-error') this.protocolError(packet);
    else if (state.kind === 'connected') state.client.receive(packet, now);
    else if (state.kind === 'authenticating') this.continued(state, packet);
    else if (state.kind === 'awaiting connect') this.first(packet);
  }

  accept(acceptance: Acceptance, now: number): void {
    const { state } = this;
    if (state.kind !== 'deciding') return;
    const { connect } = state;
    const agreement = agreeOn(connect, this.options);
    if (!this.wire.send(acceptingConnack(connect, agreement, acceptance, this.options))) {
      this.end('not_established', ReasonCode.PacketTooLarge, 'the client accepts no packet as large as CONNACK');
      return;
    }
    const client = new ConnectedClient(withoutPassword(connect), this.options, this, acceptance.session);
    this.state = { kind: 'connected', client, agreement };
    this.deadline = new Deadline(agreement.keepAliveSeconds * KEEP_ALIVE_FACTOR_MS, now);
    acceptance.session.attach(client, now);
    this.settled(now);
  }

  refuse(reasonCode: ReasonCode, detail: string, now: number): void {
    const { state } = this;
    if (state.kind === 'connected' && state.client.reauthentication !== 'none') {
      this.fail(reasonCode, detail);
      return;
    }
    if (state.kind !== 'deciding' && state.kind !== 'authenticating') return;
    this.refuseConnect(state.connect.protocolVersion, reasonCode, detail, reasonStringFor(state.connect, detail));
    this.settled(now);
  }

  continueAuthentication(data: Buffer | undefined, now: number): void {
    const { state } = this;
    const isOurTurn = state.kind === 'deciding' || (state.kind === 'connected' && state.client.reauthentication === 'deciding');
    if (!isOurTurn) return;
    const connect = state.kind === 'deciding' ? state.connect : state.client.connect;
    const method = connect.properties.authenticationMethod;
    if (method === undefined) return;
    this.wire.send(authPacket(ReasonCode.ContinueAuthentication, method, data));
    if (state.kind === 'deciding') {
      this.state = { kind: 'authenticating', connect, method };
      this.deadline = new Deadline(this.options.connectTimeoutMs, now);
    } else {
      state.client.reauthentication = 'asked';
    }
    this.settled(now);
  }

  reauthenticated(data: Buffer | undefined): void {
    if (this.state.kind !== 'connected' || this.state.client.reauthentication !== 'deciding') return;
    const { client } = this.state;
    const method = client.connect.properties.authenticationMethod;
    client.reauthentication = 'none';
    if (method !== undefined) this.wire.send(authPacket(ReasonCode.Success, method, data));
  }

  settleSubscribe(token: SubscribeToken, reasonCodes: readonly ReasonCode[], now: number, details?: readonly (string | undefined)[]): void {
    if (this.state.kind !== 'connected') return;
    this.state.client.settleSubscribe(token, reasonCodes, details);
    this.settled(now);
  }

  settleUnsubscribe(token: UnsubscribeToken, reasonCodes: readonly ReasonCode[], now: number): void {
    if (this.state.kind !== 'connected') return;
    this.state.client.settleUnsubscribe(token, reasonCodes);
    this.settled(now);
  }

  setWritable(writable: boolean, now: number): void {
    if (this.state.kind === 'connected') this.state.client.session.setWritable(writable, now);
  }

  timer(now: number): void {
    if (this.ended) return;
    this.scheduledAt = Number.POSITIVE_INFINITY;
    if (!this.deadline.isOver(now)) this.schedule();
    else if (this.state.kind === 'connected')
      this.fail(ReasonCode.KeepAliveTimeout, 'nothing was heard for 1.5 × keep alive', 'keepalive_timeout');
    else this.end('not_established', ReasonCode.MaximumConnectTime, 'no whole CONNECT in time');
  }

  socketClosed(detail: string): void {
    this.end('network_error', ReasonCode.UnspecifiedError, detail);
  }

  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string): void {
    this.fail(reasonCode, detail, cause);
  }

  setReading(reading: boolean, now: number): void {
    this.brokerReads = reading;
    this.settled(now);
  }

  send(packet: Packet): boolean {
    if (this.ended) return false;
    if (this.wire.send(packet)) return true;
    // A message that is too large is dropped; an answer that is due cannot be (MQTT-3.1.2-24).
    if (packet.type !== 'publish') this.fail(ReasonCode.PacketTooLarge, `the client accepts no packet as large as its ${packet.type}`);
    return false;
  }

  acknowledge(type: ShortAck, packetId: number): void {
    if (this.ended || this.wire.acknowledge(type, packetId)) return;
    this.send({ type, packetId, reasonCode: ReasonCode.Success, properties: NO_PROPERTIES });
  }

  /** Ends the connection; MQTT 5 is told why, in CONNACK before it is accepted (MQTT-3.14.0-1) and in DISCONNECT after. */
  fail(reasonCode: ReasonCode, detail: string, cause: EndCause = 'protocol_error'): void {
    const { state } = this;
    if (state.kind === 'connected') {
      const { connect } = state.client;
      const reasonString = reasonStringFor(connect, detail);
      const properties = reasonString === undefined ? NO_PROPERTIES : { reasonString };
      const code = ownCode('disconnect', reasonCode);
      if (connect.protocolVersion === 5) this.wire.send({ type: 'disconnect', reasonCode: code, properties });
      this.end(cause, code, detail);
    } else if (state.kind === 'deciding' || state.kind === 'authenticating') {
      this.refuseConnect(state.connect.protocolVersion, ownCode('connack', reasonCode), detail, undefined);
    } else {
      this.end('not_established', reasonCode, detail);
    }
  }

  disconnected({ reasonCode, properties }: Disconnect): void {
    const { state } = this;
    if (state.kind !== 'connected') return;
    const { sessionExpiryInterval } = properties;
    if (sessionExpiryInterval !== undefined) {
      const sessionExpirySeconds = Math.min(sessionExpiryInterval, this.options.maxSessionExpirySeconds);
      this.state = { ...state, agreement: { ...state.agreement, sessionExpirySeconds } };
    }
    const cause = reasonCode === ReasonCode.NormalDisconnection ? 'client_disconnect' : 'client_disconnect_with_will';
    this.end(cause, reasonCode as ReasonCode, 'the client disconnected');
  }

  /** After every event but `received`: what is undecoded is looked at again. */
  settled(now: number): void {
    if (this.ended) return;
    this.keepTime(now);
    this.wire.settled(now);
  }

  /** Time stands still while nothing is read. */
  keepTime(now: number): void {
    if (this.ended) return;
    if (this.blocked || !this.brokerReads) this.deadline.pause(now);
    else this.deadline.resume(now);
    this.schedule();
  }

  private first(packet: Packet): void {
    if (packet.type !== 'connect') {
      this.end('not_established', ReasonCode.ProtocolError, 'the first packet is not CONNECT (MQTT-3.1.0-1)');
      return;
    }
    const refusal = refusalOf(packet, this.options);
    if (refusal !== undefined) {
      this.refuseConnect(packet.protocolVersion, refusal.reasonCode, refusal.detail, reasonStringFor(packet, refusal.detail));
      return;
    }
    this.state = { kind: 'deciding', connect: packet };
    const { authenticationMethod: method, authenticationData: data } = packet.properties;
    if (method === undefined) this.effects.connect(packet);
    else this.effects.authenticate({ kind: 'connect', method, data, connect: packet });
  }

  private continued({ connect, method }: State & { kind: 'authenticating' }, packet: Packet): void {
    if (
      packet.type === 'auth' &&
      packet.reasonCode === ReasonCode.ContinueAuthentication &&
      packet.properties.authenticationMethod === method
    ) {
      this.state = { kind: 'deciding', connect };
      this.effects.authenticate({ kind: 'continue', method, data: packet.properties.authenticationData, connect });
    } else if (packet.type === 'auth' && packet.properties.authenticationMethod !== method) {
      this.fail(ReasonCode.BadAuthenticationMethod, 'AUTH of another method than that of CONNECT (MQTT-4.12.0-5)');
    } else if (packet.type === 'disconnect') {
      this.end('not_established', ReasonCode.UnspecifiedError, 'the client gave up authentication');
    } else {
      this.fail(ReasonCode.ProtocolError, 'another packet than AUTH during authentication (MQTT-3.1.2-30)');
    }
  }

  private protocolError({ reasonCode, detail, protocolVersion }: ProtocolError): void {
    if (this.state.kind === 'awaiting connect' && protocolVersion !== undefined) {
      this.refuseConnect(protocolVersion, reasonCode, detail, detail);
    } else {
      this.fail(reasonCode, detail);
    }
  }

  private refuseConnect(version: ProtocolVersion, reasonCode: ReasonCode, detail: string, reasonString: string | undefined): void {
    const connack = refusingConnack(version, reasonCode, reasonString);
    if (connack !== undefined) this.wire.send(connack);
    this.end('not_established', reasonCode, detail);
  }

  private end(cause: EndCause, reasonCode: ReasonCode, detail: string): void {
    const { state } = this;
    if (state.kind === 'ended') return;
    this.state = { kind: 'ended' };
    if (state.kind === 'connected') state.client.end();
    const established = state.kind === 'connected';
    const sessionExpirySeconds = established ? state.agreement.sessionExpirySeconds : 0;
    const will = established ? fateOf(state.client.connect.will, cause, sessionExpirySeconds) : NO_WILL;
    this.effects.ended({ cause: established ? cause : 'not_established', reasonCode, detail, established, will, sessionExpirySeconds });
  }

  private schedule(): void {
    const { dueAt } = this.deadline;
    // A deadline that moved away needs no new timer: the old one looks again.
    if (dueAt >= this.scheduledAt) return;
    this.scheduledAt = dueAt;
    this.effects.schedule(dueAt);
  }
}

/** A connection lives for days; nobody needs the password any more, and it would keep the whole read that it came in. */
function withoutPassword(connect: Connect): Connect {
  const { password: _judged, ...kept } = connect;
  return kept;
}
