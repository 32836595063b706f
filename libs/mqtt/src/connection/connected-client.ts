import { MAX_PACKET_BYTES } from '../codec/encoding/encoder.js';
import type { Auth, Connect, Disconnect, Packet, ProtocolVersion } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { ClientSession } from '../session/client-session.js';
import type { SessionLink } from '../session/session-link.js';
import type { ClientHost } from './client-host.js';
import { PublishReceiver } from './inbound/publish-receiver.js';
import type { ConnectionOptions } from './interface/connection-options.js';
import type { SubscribeToken, UnsubscribeToken } from './interface/subscription-tokens.js';
import { SubscriptionRequests } from './subscription-requests.js';

/** DISCONNECT codes that a client may send (MQTT 5.0 §3.14.2.1). */
const CLIENT_DISCONNECT_CODES: ReadonlySet<number> = new Set([
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
]);

/** Re-authentication (MQTT 5.0 §4.12.1): whose turn it is. */
export type ReAuthentication = 'none' | 'deciding' | 'asked';

/** The AUTH that the client may send then. */
const AUTH_IN_TURN: Readonly<Record<ReAuthentication, number | undefined>> = {
  none: ReasonCode.ReAuthenticate,
  deciding: undefined,
  asked: ReasonCode.ContinueAuthentication,
};

export interface ConnectedClientHost extends ClientHost {
  /** The client said goodbye, properly. */
  disconnected(disconnect: Disconnect): void;
}

/** The client of an accepted connection: each packet to whoever is in charge of it. What is in charge is made when it is needed. */
export class ConnectedClient implements SessionLink {
  reauthentication: ReAuthentication = 'none';
  private publishReceiver: PublishReceiver | undefined;
  private subscriptionRequests: SubscriptionRequests | undefined;

  constructor(
    readonly connect: Connect,
    private readonly options: ConnectionOptions,
    private readonly host: ConnectedClientHost,
    readonly session: ClientSession,
  ) {}

  get version(): ProtocolVersion {
    return this.connect.protocolVersion;
  }

  get window(): number {
    return Math.min(this.options.maxOutboundInFlight, this.connect.properties.receiveMaximum ?? 65_535);
  }

  get topicAliasMaximum(): number {
    return Math.min(this.options.outboundTopicAliasMaximum, this.connect.properties.topicAliasMaximum ?? 0);
  }

  get maxPacketBytes(): number {
    return this.connect.properties.maximumPacketSize ?? MAX_PACKET_BYTES;
  }

  /** Nothing more may be decoded until the broker has answered something. */
  get blocked(): boolean {
    return this.publishReceiver?.blocked === true || this.subscriptionRequests?.full === true;
  }

  receive(packet: Packet, now: number): void {
    switch (packet.type) {
      case 'publish':
        this.publishes().receive(packet);
        break;
      case 'pubrel':
        this.publishes().release(packet.packetId, now);
        break;
      case 'puback':
      case 'pubrec':
      case 'pubcomp': {
        const wrong = this.session.acknowledge(packet, now);
        if (wrong !== undefined) this.host.fail(ReasonCode.ProtocolError, wrong);
        break;
      }
      case 'subscribe':
        this.requests().subscribe(packet);
        break;
      case 'unsubscribe':
        this.requests().unsubscribe(packet);
        break;
      case 'pingreq':
        this.host.send({ type: 'pingresp' });
        break;
      case 'disconnect':
        this.disconnect(packet);
        break;
      case 'auth':
        this.authenticate(packet);
        break;
      case 'connect':
        this.host.fail(ReasonCode.ProtocolError, 'a second CONNECT (MQTT-3.1.0-2)');
        break;
      case 'connack':
      case 'suback':
      case 'unsuback':
      case 'pingresp':
        this.host.fail(ReasonCode.ProtocolError, `${packet.type.toUpperCase()} from a client`);
    }
  }

  settleSubscribe(token: SubscribeToken, reasonCodes: readonly ReasonCode[], details?: readonly (string | undefined)[]): void {
    this.requests().settleSubscribe(token, reasonCodes, details);
  }

  settleUnsubscribe(token: UnsubscribeToken, reasonCodes: readonly ReasonCode[]): void {
    this.requests().settleUnsubscribe(token, reasonCodes);
  }

  /** The connection has ended; the session may go on. */
  end(): void {
    this.publishReceiver?.end();
    this.session.detach(this);
  }

  send(packet: Packet): boolean {
    return this.host.send(packet);
  }

  overflowed(): void {
    this.host.fail(ReasonCode.QuotaExceeded, 'the client reads more slowly than messages come, and its queue is full', 'network_error');
  }

  takenOver(): void {
    this.host.fail(ReasonCode.SessionTakenOver, 'another connection of this client took over', 'taken_over');
  }

  private publishes(): PublishReceiver {
    this.publishReceiver ??= new PublishReceiver(this.version, mayExplain(this.connect), this.options, this.host, this.session);
    return this.publishReceiver;
  }

  private requests(): SubscriptionRequests {
    this.subscriptionRequests ??= new SubscriptionRequests(this.version, mayExplain(this.connect), this.options, this.host);
    return this.subscriptionRequests;
  }

  private disconnect(packet: Disconnect): void {
    const { sessionExpiryInterval, serverReference } = packet.properties;
    if (!CLIENT_DISCONNECT_CODES.has(packet.reasonCode) || serverReference !== undefined) {
      this.host.fail(ReasonCode.ProtocolError, 'a DISCONNECT that only a server may send');
    } else if ((sessionExpiryInterval ?? 0) > 0 && (this.connect.properties.sessionExpiryInterval ?? 0) === 0) {
      this.host.fail(ReasonCode.ProtocolError, 'a session expiry in DISCONNECT where CONNECT had none (MQTT-3.14.2-2)');
    } else {
      this.host.disconnected(packet);
    }
  }

  private authenticate({ reasonCode, properties }: Auth): void {
    const method = this.connect.properties.authenticationMethod;
    if (method === undefined) {
      this.host.fail(ReasonCode.ProtocolError, 'AUTH on a connection without an authentication method (MQTT-4.12.0-7)');
    } else if (properties.authenticationMethod !== method) {
      this.host.fail(ReasonCode.BadAuthenticationMethod, 'AUTH of another method than that of CONNECT (MQTT-4.12.1-1)');
    } else if (AUTH_IN_TURN[this.reauthentication] !== reasonCode) {
      this.host.fail(ReasonCode.ProtocolError, 'AUTH that was not asked for (MQTT-4.12.0-3)');
    } else {
      const kind = this.reauthentication === 'none' ? 'reauthenticate' : 'continue';
      this.reauthentication = 'deciding';
      this.host.effects.authenticate({ kind, method, data: properties.authenticationData, connect: undefined });
    }
  }
}

/** An ack with a receipt, and room to spare: a client that takes no packet of that size is told the code alone (MQTT-3.4.2-3). */
const EXPLAINED_ACK_BYTES = 256;

function mayExplain({ protocolVersion, properties }: Connect): boolean {
  const { requestProblemInformation, maximumPacketSize = EXPLAINED_ACK_BYTES } = properties;
  return protocolVersion === 5 && requestProblemInformation !== false && maximumPacketSize >= EXPLAINED_ACK_BYTES;
}
