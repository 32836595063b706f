import { randomUUID } from 'node:crypto';
import { type AccessControl, type AccessRights, isBridgedTopic, type User } from '@milepost/access';
import { type RefusalReason, topics } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { type Connect, ReasonCode } from '@milepost/mqtt';
import type { Access, Route } from '../../clients/access.js';
import { operatorKey } from '../../clients/client-key.js';
import type { Admittance, Dismissal, Gate } from '../../clients/gate.js';
import { networkOf } from '../../listener/entrance/network-of.js';
import type { RefusalReporter } from '../../refusals/refusal-reporter.js';
import { shownText } from '../../refusals/shown-text.js';
import type { LoginThrottle } from './login-throttle.js';

export interface OperatorDoorOptions {
  control: AccessControl;
  throttle: LoginThrottle;
  /** Of a client id, in UTF-8: it stands in every record of its session, and in those of the messages that wait for it. */
  maxClientIdBytes: number;
  refusals: Pick<RefusalReporter, 'refused'>;
}

const ROUTE: Route = { topic: topics.mqttMessages, retainable: true };
const NOT_RECORDED: AppendOutcome = { kind: 'stored', partition: 0, offset: 0n, timestampMs: 0 };
const NO_PASSWORD = Buffer.alloc(0);
const TOO_MANY_LOGINS = refusal(
  ReasonCode.ConnectionRateExceeded,
  'too_many_logins',
  'too many logins of this address failed; try again later',
);

interface LoggedIn {
  readonly user: User;
  readonly clientId: string;
  rights: AccessRights;
}

/** Somebody with a name and a password at the door: the users file says who it is, the ACL what it may do. */
export class OperatorGate implements Gate {
  readonly kind = 'operator';
  readonly validUntilMs = Number.POSITIVE_INFINITY;
  readonly replaced = false;
  announced = false;
  private login: LoggedIn | undefined;
  /** The name that was tried. */
  private tried: string | undefined;

  constructor(
    readonly address: string,
    private readonly door: OperatorDoorOptions,
  ) {}

  get who(): Record<string, string | undefined> {
    return { user: this.login?.user.name, organisation: this.login?.user.organisation, clientId: this.login?.clientId };
  }

  async admit({ userName, password, clientId: given, will }: Connect): Promise<Admittance> {
    const { control, throttle } = this.door;
    const from = networkOf(this.address);
    if (throttle.isRefused(from, performance.now())) return TOO_MANY_LOGINS;
    // No guess, so it does not count against whoever shares the address: most often a vehicle that has the wrong port.
    if (userName === undefined) {
      return refusal(
        ReasonCode.BadUserNameOrPassword,
        'no_login',
        'no user name came; this door asks for no certificate, a vehicle has come to the wrong port',
      );
    }
    this.tried = userName;
    const login = await control.login(userName, password ?? NO_PASSWORD, from);
    if (login.kind === 'busy') return refusal(ReasonCode.ServerBusy, 'overloaded', 'too many logins wait; try again later');
    // Guesses that are judged at a time are no more than those that come one after the other: of one too many nothing is told.
    if (throttle.isRefused(from, performance.now())) return TOO_MANY_LOGINS;
    // The users may have been read again while the password was judged.
    if (login.kind !== 'right' || !control.stands(login.user)) {
      throttle.failed(from, performance.now());
      return refusal(ReasonCode.BadUserNameOrPassword, 'bad_login', 'user name or password is wrong');
    }
    const clientId = given === '' ? randomUUID() : given;
    if (Buffer.byteLength(given) > this.door.maxClientIdBytes) {
      const detail = `the client id has more than ${this.door.maxClientIdBytes} bytes`;
      return refusal(ReasonCode.ClientIdentifierNotValid, 'client_id_too_long', detail);
    }
    this.login = { user: login.user, clientId, rights: control.rightsOf(login.user, clientId) };
    const access = this.accessOf(this.login);
    if (will !== undefined && access.routeOf(will.topic) === undefined) {
      return refusal(ReasonCode.NotAuthorized, 'will_not_authorised', 'the will is addressed to a topic that this user may not publish');
    }
    return { ok: true, access };
  }

  /** Operators come and go without a record: nobody is alerted when one is away. */
  announce(): Promise<AppendOutcome> {
    this.announced = true;
    return Promise.resolve(NOT_RECORDED);
  }

  departed(): void {
    // As above.
  }

  willPublished(): void {
    // As above: the will is a message, and no more.
  }

  report(reason: RefusalReason, detail: string): void {
    const organisation = this.login?.user.organisation;
    const attempt = {
      address: this.address,
      reason,
      ...(this.tried !== undefined && { commonName: shownText(this.tried) }),
      ...(organisation !== undefined && { organisation }),
    };
    this.door.refusals.refused(attempt, detail);
  }

  recheck(_now: Date, subscribed: Iterable<string>): Dismissal | undefined {
    const { login } = this;
    const { control } = this.door;
    if (login === undefined) return undefined;
    if (!control.stands(login.user)) {
      return dismissal(ReasonCode.AdministrativeAction, 'bad_login', 'the user was removed, disabled or changed');
    }
    const rights = control.rightsOf(login.user, login.clientId);
    // All that it is subscribed to was granted by the rights of before.
    if (rights.equals(login.rights)) return undefined;
    login.rights = rights;
    for (const filter of subscribed) {
      if (!rights.maySubscribe(filter))
        return dismissal(ReasonCode.NotAuthorized, 'not_authorised', 'the ACL changed, and no longer grants what was subscribed to');
    }
    return undefined;
  }

  private accessOf(login: LoggedIn): Access {
    const { name, organisation } = login.user;
    return {
      key: operatorKey(organisation, name, login.clientId),
      organisation,
      clientId: login.clientId,
      recordKey: login.clientId,
      headers: { organisation },
      routeOf: (topic) => (isBridgedTopic(topic) || topic.startsWith('$') || !login.rights.mayPublish(topic) ? undefined : ROUTE),
      whyNoRoute,
      maySubscribe: (filter) => login.rights.maySubscribe(filter),
      whyNoSubscription: 'The ACL does not grant this user to read all that this filter matches.',
    };
  }
}

function whyNoRoute(topic: string): string {
  if (topic.startsWith('$')) return "Topics that begin with $ are the broker's own.";
  if (isBridgedTopic(topic)) return 'Only the vehicle itself, with its certificate, publishes what a vehicle reports.';
  return 'The ACL does not grant this user to write to this topic.';
}

function refusal(reasonCode: ReasonCode, reason: RefusalReason, detail: string): Admittance {
  return { ok: false, reasonCode, reason, detail };
}

function dismissal(reasonCode: ReasonCode, reason: RefusalReason, detail: string): Dismissal {
  return { reason, cause: 'revoked', reasonCode, detail };
}
