import { type AckProperties, NO_PROPERTIES } from '../packets/properties.js';
import { isFailure, type ReasonCode } from '../packets/reason-code.js';
import { type InboundPublish, UNSETTLED } from './inbound-publish.js';
import type { InboundState, SessionJournal } from './session-journal.js';

/** Who answers PUBRELs. */
export interface Releaser {
  /** PUBCOMP may leave. */
  released(packetId: number): void;
}

/** A PUBREL came, and is not on record yet. */
export class Release {
  constructor(
    /** Of the connection that it came on last. */
    public releaser: Releaser,
    /** So many times there: each is answered. */
    public times = 1,
  ) {}
}

/** `stored`: its PUBREC may leave, or has. */
export type ReceivedState = InboundPublish | 'stored' | Release;

/** QoS 2 packet identifiers of the client, from PUBLISH to PUBREL: they outlive its connections (MQTT-4.3.3-10). */
export class ReceivedMessages {
  private states: Map<number, ReceivedState> | undefined;
  /** Properties of PUBRECs, where there were any: a repeated one says the same. */
  private answers: Map<number, AckProperties> | undefined;

  constructor(
    private readonly journal: SessionJournal | undefined,
    restored: readonly number[] | undefined,
  ) {
    for (const packetId of restored ?? []) this.set(packetId, 'stored');
  }

  /** Identifiers that are not released. */
  get size(): number {
    return this.states?.size ?? 0;
  }

  get(packetId: number): ReceivedState | undefined {
    return this.states?.get(packetId);
  }

  answerTo(packetId: number): AckProperties {
    return this.answers?.get(packetId) ?? NO_PROPERTIES;
  }

  arrived(publish: InboundPublish): void {
    this.set(publish.publish.packetId, publish);
  }

  /** The broker's outcome: stored once and for all, or the identifier is free again (MQTT-4.3.3-9). */
  settled(publish: InboundPublish, reasonCode: ReasonCode): void {
    const { packetId } = publish.publish;
    if (this.get(packetId) !== publish) return;
    if (isFailure(reasonCode)) {
      this.states?.delete(packetId);
      return;
    }
    this.set(packetId, 'stored');
    if (publish.properties === NO_PROPERTIES) return;
    this.answers ??= new Map();
    this.answers.set(packetId, publish.properties);
  }

  /** Neither stored nor refused: the client may send it again. */
  forget(publish: InboundPublish): void {
    if (this.get(publish.publish.packetId) === publish) this.states?.delete(publish.publish.packetId);
  }

  /** PUBREL of a message that is stored or being released. However often it comes, one record and one place here are enough for it. */
  release(packetId: number, releaser: Releaser): void {
    this.answers?.delete(packetId);
    if (this.journal === undefined) {
      this.states?.delete(packetId);
      releaser.released(packetId);
      return;
    }
    const known = this.get(packetId);
    if (known instanceof Release) {
      known.times = known.releaser === releaser ? known.times + 1 : 1;
      known.releaser = releaser;
      return;
    }
    const release = new Release(releaser);
    this.set(packetId, release);
    this.journal.inbound(this.state(), () => {
      if (this.get(packetId) === release) this.states?.delete(packetId);
      for (let answered = 0; answered < release.times; answered++) release.releaser.released(packetId);
    });
  }

  clear(): void {
    this.answers = undefined;
    this.states = undefined;
  }

  private set(packetId: number, state: ReceivedState): void {
    this.states ??= new Map();
    this.states.set(packetId, state);
  }

  private state(): InboundState {
    const received: number[] = [];
    const arriving: number[] = [];
    for (const [packetId, state] of this.states ?? []) {
      if (state instanceof Release) continue;
      const isStored = state === 'stored' || (state.reasonCode !== UNSETTLED && !isFailure(state.reasonCode));
      (isStored ? received : arriving).push(packetId);
    }
    return { received, arriving };
  }
}
