import type {
  AuthenticationStep,
  Connect,
  ConnectionEnd,
  Publish,
  PublishToken,
  ReasonCode,
  SubscribeToken,
  Subscription,
  UnsubscribeToken,
} from '@milepost/mqtt';

/** The broker's side of one connection: the engine asks, it decides. */
export interface ConnectionHandler {
  /** Answer with `accept` or `refuse`, now or later. */
  connect(connect: Connect): void;
  authenticate(step: AuthenticationStep): void;
  authorise(publish: Publish): ReasonCode;
  publish(publish: Publish, token: PublishToken | undefined): void;
  /** What was read is decoded. */
  caughtUp(): void;
  subscribe(subscriptions: readonly Subscription[], identifier: number | undefined, token: SubscribeToken): void;
  unsubscribe(filters: readonly string[], token: UnsubscribeToken): void;
  /** @returns why, for the client. */
  publishRefused(publish: Publish, reasonCode: ReasonCode): string | undefined;
  ended(end: ConnectionEnd): void;
}
