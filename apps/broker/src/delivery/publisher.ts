import type { Access } from '../clients/access.js';
import type { Order } from '../log/stamp.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import type { Audience } from './subscribers/audience.js';

export interface Publisher {
  readonly access: Access;
  /** Undefined: it has ended, and what is published is its client's will. */
  readonly session: BrokerSession | undefined;
  /** Of one that publishes again and again. */
  readonly audience?: Audience;
  /** The first message of its connection that there was no room for: its client sends it again, and with it all behind, which must not get ahead. */
  gaveUp?: Order;
}

/** The will that a message is, as its record names it. */
export interface PublishedWill {
  readonly client: string;
  readonly id: string;
  /** Takes it off the record. @returns whether it is: then nobody has to know any more that it was published. */
  forget(): Promise<boolean>;
}
