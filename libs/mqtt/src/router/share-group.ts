import { SmallMap } from '../topics/small-map.js';
import type { GrantedSubscription } from './granted.js';

export interface Member<Client> extends GrantedSubscription {
  readonly client: Client;
  /** The subscription that retained messages were sent for last: itself, or the one that it replaced and asked for no more than. */
  readonly handOut: GrantedSubscription;
}

/** Of a member in the row of those that take turns. */
interface Place<Client> {
  member: Member<Client>;
  before: Place<Client> | undefined;
  after: Place<Client> | undefined;
}

/**
 * The members of a shared subscription (MQTT 5.0 §4.8.2). Each message goes to one of them, in turn. Linked to one another: who joins or
 * leaves costs the same however many they are.
 */
export class ShareGroup<Client extends { readonly connected: boolean }> {
  /** Another object whenever somebody joins, leaves or subscribes again. */
  membership: object = {};
  private readonly places = new SmallMap<Client, Place<Client>>();
  private first: Place<Client> | undefined;
  private last: Place<Client> | undefined;
  /** Undefined: behind the last one. Who joins then is next, and if nobody does the first one is. */
  private next: Place<Client> | undefined;

  /** @param name `$share/{group}/{filter}` */
  constructor(readonly name: string) {}

  get empty(): boolean {
    return this.first === undefined;
  }

  /** A member that subscribes again keeps its place. */
  set(member: Member<Client>): void {
    this.membership = {};
    const known = this.places.get(member.client);
    if (known === undefined) this.append({ member, before: this.last, after: undefined });
    else known.member = member;
  }

  delete(client: Client): void {
    const place = this.places.get(client);
    if (place === undefined) return;
    this.membership = {};
    this.places.delete(client);
    const { before, after } = place;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.last = before;
    else after.before = before;
    if (this.next === place) this.next = after;
  }

  /** Whose turn it is: a member that is away has one only when all are. */
  choose(): Member<Client> | undefined {
    const begin = this.next ?? this.first;
    let place = begin;
    while (place !== undefined && !place.member.client.connected) {
      place = place.after ?? this.first;
      if (place === begin) break;
    }
    this.next = place?.after;
    return place?.member;
  }

  private append(place: Place<Client>): void {
    this.places.set(place.member.client, place);
    if (this.last === undefined) this.first = place;
    else this.last.after = place;
    this.last = place;
    this.next ??= place;
  }
}
