import { isUtf8 } from '../../codec/utf8.js';
import type { ProtocolVersion, Publish } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { isFailure, ReasonCode } from '../../packets/reason-code.js';
import type { ClientSession } from '../../session/client-session.js';
import type { Acknowledger, InboundPublish } from '../../session/inbound-publish.js';
import { Release, type Releaser } from '../../session/received-messages.js';
import type { ClientHost } from '../client-host.js';
import type { ConnectionOptions } from '../interface/connection-options.js';
import { ownCode } from '../own-code.js';
import { InboundAliases } from './inbound-aliases.js';
import { InboundFlow } from './inbound-flow.js';

/** PUBLISH and PUBREL of the client: judged, handed to the broker, and acknowledged strictly after its outcome, in order. */
export class PublishReceiver implements Acknowledger, Releaser {
  private readonly flow: InboundFlow;
  private aliases: InboundAliases | undefined;
  /** One PUBLISH too many for the limits of ours: it waits, and with it everything behind it. */
  private held: Publish | undefined;
  /** A 3.1.1 publish was refused: the connection ends when the acks before it have left, and nothing more is read. */
  private refused = false;
  private over = false;

  constructor(
    private readonly version: ProtocolVersion,
    /** False: an ack has a reason code and nothing else (MQTT-3.1.2-29). */
    private readonly explains: boolean,
    private readonly options: ConnectionOptions,
    private readonly host: ClientHost,
    private readonly session: ClientSession,
  ) {
    this.flow = new InboundFlow(version, options, session.received);
  }

  get blocked(): boolean {
    return this.held !== undefined || this.refused || this.flow.full;
  }

  receive(received: Publish): void {
    const { topicAlias, subscriptionIdentifiers } = received.properties;
    if (subscriptionIdentifiers !== undefined) {
      this.host.fail(ReasonCode.ProtocolError, 'a subscription identifier from a client (MQTT-3.3.4-6)');
    } else if (received.qos > this.options.maximumQoS) {
      this.host.fail(ReasonCode.QoSNotSupported, `QoS ${received.qos} is above the maximum (MQTT-3.2.2-11)`);
    } else if (received.retain && !this.options.retainAvailable) {
      this.host.fail(ReasonCode.RetainNotSupported, 'retained messages are not available (MQTT-3.2.2-14)');
    } else if (topicAlias === undefined) {
      this.accept(received);
    } else {
      this.aliases ??= new InboundAliases(this.options.topicAliasMaximum);
      const resolved = this.aliases.resolve(received, topicAlias);
      if (resolved.ok) this.accept(resolved.publish);
      else this.host.fail(resolved.reasonCode, resolved.detail);
    }
  }

  /** The broker's outcome. Acks leave as far as they may; then what was held is looked at again. */
  settled(entry: InboundPublish, reasonCode: ReasonCode, now: number): void {
    if (this.over) {
      this.session.received.settled(entry, reasonCode);
      return;
    }
    const waited = this.blocked;
    this.settle(entry, reasonCode);
    // Where nothing waited for this ack, nothing else has changed.
    if (waited || this.blocked) this.host.settled(now);
  }

  stored(entries: readonly InboundPublish[], first: number, count: number, now: number): void {
    const waited = this.blocked;
    for (let index = first; index < first + count; index++) {
      const entry = entries[index] as InboundPublish;
      if (this.over) this.session.received.settled(entry, ReasonCode.Success);
      else entry.reasonCode = ReasonCode.Success;
    }
    if (this.over) return;
    this.acknowledge();
    if (waited || this.blocked) this.host.settled(now);
  }

  /** The broker neither stored nor refused it: its identifier is free, and the client has to come again with it. */
  failed(entry: InboundPublish, detail: string): void {
    this.session.received.forget(entry);
    if (!this.over) this.host.fail(ReasonCode.ServerBusy, detail, 'network_error');
  }

  /**
   * PUBREL: PUBCOMP leaves once the release is on record. A client that sends PUBREL without waiting for our PUBREC, as some send
   * a whole exchange in one write, gets PUBREC and then PUBCOMP.
   */
  release(packetId: number, now: number): void {
    const { received } = this.session;
    const known = received.get(packetId);
    if (known === undefined) {
      this.complete(packetId, ReasonCode.PacketIdentifierNotFound);
    } else if (known === 'stored' || known instanceof Release) {
      this.flow.released(packetId);
      received.release(packetId, this);
    } else if (this.flow.owes(known)) {
      known.pubrelCameAt ??= now;
    } else {
      this.host.fail(ReasonCode.ProtocolError, 'PUBREL before its PUBREC (MQTT-4.3.3)');
    }
  }

  released(packetId: number): void {
    this.complete(packetId, ReasonCode.Success);
  }

  /** The connection has ended: outcomes that are still to come are the session's. */
  end(): void {
    this.over = true;
    this.held = undefined;
    this.flow.end();
  }

  private accept(publish: Publish): void {
    if (publish.qos === 0) this.acceptUnacknowledged(publish);
    else this.acceptAcknowledged(publish);
  }

  private acceptUnacknowledged(publish: Publish): void {
    const verdict = this.judge(publish);
    if (!isFailure(verdict)) {
      this.host.effects.publish(publish, undefined);
      return;
    }
    this.host.effects.publishRefused(publish, verdict);
    if (this.version === 4) this.host.fail(verdict, 'a publish that was refused', 'refused_publish');
  }

  private acceptAcknowledged(publish: Publish): void {
    switch (this.flow.admit(publish)) {
      case 'no room':
        this.held = publish;
        return;
      case 'receive maximum exceeded':
        this.host.fail(ReasonCode.ReceiveMaximumExceeded, 'more in flight than our Receive Maximum (MQTT-3.3.4-7)');
        return;
      case 'repeated':
        this.flow.repeat(publish, this);
        this.acknowledge();
        return;
      case 'identifier in use':
        this.rejectIdentifier(publish);
        return;
      case 'new': {
        const isOneTooMany = publish.qos === 2 && this.session.received.size >= this.options.maxUnreleased;
        const token = this.flow.add(publish, this);
        if (isOneTooMany) this.host.effects.unreleasedFull?.();
        const verdict = isOneTooMany ? ReasonCode.QuotaExceeded : this.judge(publish);
        if (isFailure(verdict)) this.settle(token, verdict);
        else this.host.effects.publish(publish, token);
      }
    }
  }

  private settle(entry: InboundPublish, reasonCode: ReasonCode): void {
    entry.reasonCode = reasonCode;
    if (isFailure(reasonCode)) {
      const reasonString = this.host.effects.publishRefused(entry.publish, reasonCode);
      if (reasonString !== undefined) entry.properties = { reasonString };
      this.refused ||= this.version === 4;
    }
    this.acknowledge();
  }

  private rejectIdentifier(publish: Publish): void {
    if (this.version === 4) {
      this.host.fail(ReasonCode.ProtocolError, `packet identifier ${publish.packetId} is in use (MQTT-2.2.1-4)`);
      return;
    }
    this.flow.reject(publish, ReasonCode.PacketIdentifierInUse, this);
    this.acknowledge();
  }

  private complete(packetId: number, reasonCode: ReasonCode): void {
    if (!this.over) this.host.send({ type: 'pubcomp', packetId, reasonCode, properties: NO_PROPERTIES });
  }

  private judge(publish: Publish): ReasonCode {
    const { checkPayloadFormat } = this.options;
    const wrongFormat = checkPayloadFormat && publish.properties.payloadFormatIndicator === 1 && !isUtf8(publish.payload);
    return wrongFormat ? ReasonCode.PayloadFormatInvalid : this.host.effects.authorisePublish(publish);
  }

  private acknowledge(): void {
    for (let settled = this.flow.takeSettled(); settled !== undefined; settled = this.flow.takeSettled()) {
      const { publish, reasonCode, properties, pubrelCameAt } = settled;
      if (this.version === 4 && isFailure(reasonCode)) {
        this.host.fail(reasonCode as ReasonCode, 'a publish that was refused', 'refused_publish');
        return;
      }
      const type = publish.qos === 1 ? 'puback' : 'pubrec';
      const told = this.explains ? properties : NO_PROPERTIES;
      if (reasonCode === ReasonCode.Success && told === NO_PROPERTIES) this.host.acknowledge(type, publish.packetId);
      else this.host.send({ type, packetId: publish.packetId, reasonCode: ownCode(type, reasonCode as ReasonCode), properties: told });
      if (pubrelCameAt !== undefined) this.release(publish.packetId, pubrelCameAt);
    }
    const { held } = this;
    if (held === undefined || this.flow.admit(held) === 'no room') return;
    this.held = undefined;
    this.acceptAcknowledged(held);
  }
}
