import type { AnnouncedWill, RefusalReason, VehicleId } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { type Connect, type ConnectionEnd, ReasonCode } from '@milepost/mqtt';
import { type Identity, recheck, type Trust } from '@milepost/pki';
import type { Access, Route } from '../../clients/access.js';
import { clientKey } from '../../clients/client-key.js';
import type { Admittance, Dismissal, Gate } from '../../clients/gate.js';
import { type AnnouncedConnection, isReplaced } from '../../presence/announced-connection.js';
import { connectionFacts } from '../../presence/connection-facts.js';
import type { PresencePublisher } from '../../presence/presence-publisher.js';
import type { RefusalReporter } from '../../refusals/refusal-reporter.js';
import { checkConnect } from './check-connect.js';
import { VehicleTopics } from './vehicle-topics.js';

export interface VehicleDoorOptions {
  trust: Trust;
  publisher: PresencePublisher;
  refusals: Pick<RefusalReporter, 'refused'>;
  /** False: other processes have vehicles at the same door. */
  alone: boolean;
}

/** A vehicle at the door: its certificate says who it is, and its connection is on record in `fleet.presence`. */
export class VehicleGate implements Gate, Access {
  readonly kind = 'vehicle';
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  private readonly topics: VehicleTopics;
  /** Set from the moment that its `connected` record is handed to the log. */
  private announcement: AnnouncedConnection | undefined;

  constructor(
    private readonly identity: Identity,
    readonly address: string,
    private readonly door: VehicleDoorOptions,
  ) {
    this.key = clientKey('vehicle', identity.organisation, identity.vehicleId);
    this.headers = { organisation: identity.organisation };
    this.topics = new VehicleTopics(identity.vehicleId, door.alone);
  }

  get organisation(): string {
    return this.identity.organisation;
  }

  get clientId(): VehicleId {
    return this.identity.vehicleId;
  }

  get recordKey(): VehicleId {
    return this.identity.vehicleId;
  }

  get who(): Record<string, string | undefined> {
    const { vehicleId, organisation } = this.identity;
    return { vehicleId, organisation, connectionId: this.announcement?.connectionId };
  }

  get validUntilMs(): number {
    return this.identity.notAfter.getTime();
  }

  get announced(): boolean {
    return this.announcement !== undefined;
  }

  get replaced(): boolean {
    return this.announcement !== undefined && isReplaced(this.announcement);
  }

  routeOf(topic: string): Route | undefined {
    return this.topics.routeOf(topic);
  }

  whyNoRoute(topic: string): string {
    return this.topics.whyNoRoute(topic);
  }

  maySubscribe(filter: string): boolean {
    return this.topics.maySubscribe(filter);
  }

  get whyNoSubscription(): string {
    return this.topics.whyNoSubscription;
  }

  admit(connect: Connect): Admittance {
    const refusal = checkConnect(connect, this.identity, this.topics);
    return refusal === undefined ? { ok: true, access: this } : { ok: false, ...refusal };
  }

  announce(connect: Connect, sessionExpirySeconds: number): Promise<AppendOutcome> {
    const facts = connectionFacts(this.identity, this.address, connect, { sessionExpirySeconds, nowMs: Date.now() });
    const { announced, outcome } = this.door.publisher.connected(facts);
    this.announcement = announced;
    return outcome;
  }

  /** Another node has recorded a connection of this vehicle. The later one in the log stays. */
  rivalled(offset: bigint): void {
    const { announcement } = this;
    if (announcement === undefined) return;
    if (announcement.rivalAt === undefined || announcement.rivalAt < offset) announcement.rivalAt = offset;
  }

  departed({ established, cause, reasonCode, sessionExpirySeconds, will }: ConnectionEnd): void {
    if (this.announcement === undefined) return;
    const why = established ? cause : 'not_established';
    // Its DISCONNECT may have said another time than its CONNECT, and with the session the delay of its will ends.
    const kept = will.kind === 'publish' ? { willDelaySeconds: will.delaySeconds } : {};
    const lasts = why === 'client_disconnect_with_will' ? { sessionExpirySeconds, ...kept } : {};
    this.door.publisher.disconnected(this.announcement, why, reasonCode, lasts);
  }

  willPublished(will: Pick<AnnouncedWill, 'topic' | 'payloadBase64'>): void {
    if (this.announcement !== undefined) this.door.publisher.will(this.announcement, will);
  }

  report(reason: RefusalReason, detail: string): void {
    const { vehicleId, organisation, issuer, serial, notAfter } = this.identity;
    const attempt = {
      address: this.address,
      commonName: vehicleId,
      organisation,
      issuer,
      serial,
      notAfter: notAfter.toISOString(),
      reason,
    };
    this.door.refusals.refused(attempt, detail);
  }

  recheck(now: Date): Dismissal | undefined {
    const finding = recheck(this.identity, this.door.trust, now);
    if (finding === undefined) return undefined;
    const cause = finding.reason === 'expired' ? 'certificate_expired' : 'revoked';
    return { ...finding, cause, reasonCode: ReasonCode.NotAuthorized };
  }
}
