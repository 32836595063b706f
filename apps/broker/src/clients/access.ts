import type { Topic } from '@milepost/contracts';
import type { ReasonCode } from '@milepost/mqtt';

/** Where a message goes that its client may publish. */
export interface Route {
  /** The Kafka topic that it is stored in before it is acknowledged. */
  readonly topic: Topic;
  readonly retainable: boolean;
}

/** Who a client is and what it may do, once it is known. This is what differs between the doors. */
export interface Access {
  /** Of `clientKey`: whoever comes with the same takes over. */
  readonly key: string;
  readonly organisation: string;
  readonly clientId: string;
  /** Key of the client's records in Kafka: with it they keep their order. */
  readonly recordKey: string;
  /** Headers that every record of the client has. One object a client, so that the hot path makes none. */
  readonly headers: Readonly<Record<string, string>>;
  /** undefined: the client may not publish there. */
  routeOf(topic: string): Route | undefined;
  /** Of a topic without a route: a sentence for whoever writes the client, under 200 bytes. */
  whyNoRoute(topic: string): string;
  maySubscribe(filter: string): boolean;
  /** Of a filter that it may not: a sentence for whoever writes the client. */
  readonly whyNoSubscription: string;
  /** What SUBACK says of a filter that it may not subscribe to, where that is not 0x87. */
  readonly refusedFilterCode?: ReasonCode;
}
