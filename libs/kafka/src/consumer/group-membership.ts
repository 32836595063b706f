import { backoffMs, type Logger, sleep, within } from '@milepost/runtime';
import type { TopicPartition } from '../log-record.js';
import { saysPassingWords } from '../passing-words.js';
import type { GroupMember, GroupMemberSettings, OpenGroupMember } from './group-member.js';
import type { FetchedBatch } from './handler-batch.js';

/** As a member's handlers, with the member; those of members that were abandoned are not called. */
export interface MembershipHandlers {
  onJoined(member: GroupMember, assignment: readonly TopicPartition[]): void;
  onRebalancing(): void;
  onBatch(member: GroupMember, batch: FetchedBatch): Promise<void>;
  /** The member is given up for another one. */
  onAbandoned(): void;
  /** Kafka does not let a member in, which is logged; another try follows. */
  onKeptOut(): void;
  onCrash(error: Error): void;
}

export interface MembershipOptions {
  open: OpenGroupMember;
  settings: GroupMemberSettings;
  handlers: MembershipHandlers;
  logger: Logger;
  watchdogMs: number;
}

/** Stays in the group: tries until Kafka lets a member in, and makes another when it is stuck (kafkajs #979, #1167). */
export interface GroupMembership {
  start(): void;
  readonly member: GroupMember | undefined;
  /** Gives the present member up for another one. */
  renew(): void;
  /** Lets the present member fetch none of these. */
  hold(partitions: readonly TopicPartition[]): void;
  /** No other member is opened from here on; the present one goes on. */
  stopWatching(): void;
  leave(): Promise<void>;
}

const BACKOFF = { baseMs: 100, maxMs: 2_000 };
// Beside what kafkajs calls retriable, these pass, as when Kafka comes back and its coordinator is not up yet: the next client finds it.
const PASSING = new Set(['KafkaJSNumberOfRetriesExceeded', 'KafkaJSGroupCoordinatorNotFound', 'KafkaJSTimeout', 'KafkaJSLockTimeout']);
// kafkajs's disconnect may wait for ever.
const DISCONNECT_TIMEOUT_MS = 5_000;

export function createGroupMembership({ open, settings, handlers, logger, watchdogMs }: MembershipOptions): GroupMembership {
  const stopped = new AbortController();
  const { groupId } = settings;
  let member: GroupMember | undefined;
  let aliveAt = performance.now();
  let watchdog: NodeJS.Timeout | undefined;
  let crashes = 0;

  const openOne = (): GroupMember => {
    const mine: GroupMember = open(settings, {
      onJoined: (assignment) => {
        if (mine !== member) return;
        crashes = 0;
        handlers.onJoined(mine, assignment);
      },
      onRebalancing: () => mine === member && handlers.onRebalancing(),
      onBatch: async (fetched) => (mine === member ? handlers.onBatch(mine, fetched) : undefined),
      onAlive: () => {
        if (mine === member) aliveAt = performance.now();
      },
      onCrash: (error) => {
        if (mine !== member) return;
        if (isPassing(error)) void comeBack(error);
        else handlers.onCrash(error);
      },
    });
    return mine;
  };

  /** A Kafka that is new, or whose groups move, makes every client of it wait: no trouble, and no stack. */
  const sayItPasses = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    logger.info({ event: 'kafka.consumer.waiting', groupId, reason }, 'The coordinator of the group is not up yet; trying again');
  };

  const openUntilIn = async () => {
    for (let attempt = 0; !stopped.signal.aborted; attempt += 1) {
      const mine = openOne();
      member = mine;
      aliveAt = performance.now();
      try {
        await mine.start();
        // Given up while it waited: a client that nobody listens to any more must not keep partitions.
        if (mine !== member) await within(mine.close(), DISCONNECT_TIMEOUT_MS);
        return;
      } catch (err) {
        if (mine !== member) return;
        if (saysPassingWords(err)) sayItPasses(err);
        else logger.warn({ event: 'kafka.consumer.not-started', groupId, err }, 'Kafka does not let us in; trying again');
        handlers.onKeptOut();
        await within(mine.close(), DISCONNECT_TIMEOUT_MS);
        await sleep(backoffMs(attempt, BACKOFF), stopped.signal);
        // The watchdog may have opened another one meanwhile: a second would sit on partitions that nobody reads.
        if (mine !== member) return;
      }
    }
  };

  const keepIn = () => {
    openUntilIn().catch((error: unknown) => handlers.onCrash(error instanceof Error ? error : new Error(String(error))));
  };

  const abandon = () => {
    const old = member;
    member = undefined;
    handlers.onAbandoned();
    void within(old?.close(), DISCONNECT_TIMEOUT_MS);
  };

  const comeBack = async (err: Error) => {
    if (saysPassingWords(err)) sayItPasses(err);
    else logger.warn({ event: 'kafka.consumer.crashed', groupId, err }, 'The client gave up for a passing reason; making it anew');
    abandon();
    aliveAt = performance.now();
    await sleep(backoffMs(crashes++, BACKOFF), stopped.signal);
    if (member === undefined) keepIn();
  };

  const watch = () => {
    if (performance.now() - aliveAt < watchdogMs) return;
    logger.error(
      { event: 'kafka.consumer.stuck', groupId, watchdogMs },
      "The group's coordinator has not answered for long; making the client anew",
    );
    renew();
  };

  const renew = () => {
    abandon();
    keepIn();
  };

  return {
    start: () => {
      watchdog = setInterval(watch, watchdogMs / 4);
      keepIn();
    },
    get member() {
      return member;
    },
    renew: () => {
      if (!stopped.signal.aborted) renew();
    },
    hold: (partitions) => {
      try {
        member?.holdAll(partitions);
      } catch {
        // kafkajs has given up, and says so in a moment: it fetches nothing.
      }
    },
    stopWatching: () => {
      stopped.abort();
      clearInterval(watchdog);
    },
    leave: async () => {
      const last = member;
      member = undefined;
      await within(last?.close(), DISCONNECT_TIMEOUT_MS);
    },
  };
}

/** kafkajs wraps what made it give up, sometimes twice. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (PASSING.has(error.name) || isPassing(error.cause)) return true;
  return error.cause === undefined && 'retriable' in error && error.retriable === true;
}
