import { randomUUID } from 'node:crypto';
import { topics } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { type Connect, ReasonCode, topicMatches } from '@milepost/mqtt';
import type { Access, Route } from '../../clients/access.js';
import { clientKey } from '../../clients/client-key.js';
import type { Admittance, Gate } from '../../clients/gate.js';

const ROUTE: Route = { topic: topics.mqttMessages, retainable: true };
const RECORDED: AppendOutcome = { kind: 'stored', partition: 0, offset: 0n, timestampMs: 0 };
const OWN_TOPICS = "The topics below $SYS are the broker's own.";
/** The organisation that all guests are of. */
export const GUESTS = 'default';

/** Anybody, with any client id and any login, may do anything but subscribe to the filters named here (0x80, which is what suites ask for): for conformance runs alone. */
export class GuestGate implements Gate {
  readonly kind = 'guest';
  readonly validUntilMs = Number.POSITIVE_INFINITY;
  announced = false;
  readonly replaced = false;
  who: Record<string, string> = {};

  constructor(
    readonly address: string,
    private readonly refusedFilters: ReadonlySet<string>,
  ) {}

  admit({ clientId: given, will }: Connect): Admittance {
    const clientId = given === '' ? randomUUID() : given;
    this.who = { clientId };
    const access: Access = {
      key: clientKey('guest', GUESTS, clientId),
      organisation: GUESTS,
      clientId,
      recordKey: clientId,
      headers: { organisation: GUESTS },
      routeOf: (topic) => (topicMatches('$SYS/#', topic) ? undefined : ROUTE),
      whyNoRoute: () => OWN_TOPICS,
      maySubscribe: (filter) => !this.refusedFilters.has(filter),
      whyNoSubscription: 'This run was told to refuse the filter.',
      refusedFilterCode: ReasonCode.UnspecifiedError,
    };
    if (will !== undefined && access.routeOf(will.topic) === undefined)
      return { ok: false, reasonCode: ReasonCode.NotAuthorized, reason: 'will_not_authorised', detail: OWN_TOPICS };
    return { ok: true, access };
  }

  announce(): Promise<AppendOutcome> {
    this.announced = true;
    return Promise.resolve(RECORDED);
  }

  departed(): void {
    // Nobody keeps a record of guests.
  }

  willPublished(): void {
    // As above: the will is a message, and no more.
  }

  report(): void {
    // The log line of the connection's end says it.
  }

  recheck(): undefined {
    return undefined;
  }
}
