import type { LocalDelivery } from './local-delivery.js';

/** Whether anybody subscribes to what a publisher sends. Remembered for its last topic: a vehicle repeats it, and mostly nobody does. */
export class Audience {
  private topic = '';
  /** Of the subscriptions that were looked at; -1: none were. */
  private version = -1;
  private found = false;

  /** Also when there are only members of a shared subscription who are away: who gets it is for `match` to say. */
  exists(delivery: LocalDelivery, organisation: string, topic: string): boolean {
    if (topic === this.topic && delivery.version === this.version) return this.found;
    this.found = delivery.isSubscribed(organisation, topic);
    this.topic = topic;
    this.version = delivery.version;
    return this.found;
  }
}
