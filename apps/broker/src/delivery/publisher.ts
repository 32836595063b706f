import type { Access } from '../clients/access.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import type { Audience } from './subscribers/audience.js';

export interface Publisher {
  readonly access: Access;
  /** Undefined: it has ended, and what is published is its client's will. */
  readonly session: BrokerSession | undefined;
  /** Of one that publishes again and again. */
  readonly audience?: Audience;
}

/** The will that a message is, as its record names it. */
export interface PublishedWill {
  readonly client: string;
  readonly id: string;
  /** Takes it off the record. @returns whether it is: then nobody has to know any more that it was published. */
  forget(): Promise<boolean>;
}
