/** What is asked of a partition: numbers and offsets as kafkajs has them. */
export interface WantedPartition {
  partition: number;
  fetchOffset: string;
  maxBytes: number;
}

/** A topic may stand here more than once: kafkajs shuffles the partitions, so that none is always the first. */
export interface WantedTopic {
  topic: string;
  partitions: readonly WantedPartition[];
}

/** What of a request concerns the session. */
export interface SessionRequest {
  sessionId: number;
  sessionEpoch: number;
  /** In a full request all that is wanted; else what is new or has moved on. */
  topics: readonly WantedTopic[];
  forgotten: readonly { topic: string; partitions: readonly number[] }[];
}

const NO_SESSION = 0;
const FULL = 0;
const LAST_EPOCH = 0x7fffffff;

/**
 * The client's side of a fetch session (KIP-227): one node keeps what is read from it, hears only what changes, and answers only of partitions that
 * have something new. Without one each request and each answer name all partitions, of which at a low rate hardly any has anything.
 * One request at a time. After anything but an answer the node may or may not have taken the request: the next one is full, and ends the session.
 */
export class FetchSession {
  #id = NO_SESSION;
  /** Of the next request. */
  #epoch = FULL;
  /** What the node has by now, by topic and partition. */
  #held = new Map<string, Map<number, WantedPartition>>();

  /** The next request, for all that is wanted now. */
  next(wanted: readonly WantedTopic[]): SessionRequest {
    const held = this.#held;
    const now = byPartition(wanted);
    this.#held = now;
    const session = { sessionId: this.#id, sessionEpoch: this.#epoch };
    if (this.#epoch === FULL) return { ...session, topics: wanted, forgotten: [] };
    return { ...session, topics: changedOf(wanted, held), forgotten: forgottenOf(held, now) };
  }

  /** Kafka's answer: its error code, and the session that it keeps, 0 if none. */
  answered({ errorCode, sessionId }: { errorCode: number; sessionId: number }): void {
    // It has forgotten the session, or has another epoch: 70 and 71.
    if (errorCode !== 0) this.lost();
    else {
      this.#id = sessionId;
      this.#epoch = sessionId === NO_SESSION ? FULL : nextEpoch(this.#epoch);
    }
  }

  /** No answer came, or one with an error. */
  lost(): void {
    this.#epoch = FULL;
  }
}

function nextEpoch(epoch: number): number {
  return epoch === LAST_EPOCH ? FULL + 1 : epoch + 1;
}

function byPartition(topics: readonly WantedTopic[]): Map<string, Map<number, WantedPartition>> {
  const all = new Map<string, Map<number, WantedPartition>>();
  for (const { topic, partitions } of topics) {
    let ofTopic = all.get(topic);
    if (ofTopic === undefined) {
      ofTopic = new Map();
      all.set(topic, ofTopic);
    }
    for (const wanted of partitions) ofTopic.set(wanted.partition, wanted);
  }
  return all;
}

function changedOf(wanted: readonly WantedTopic[], held: ReadonlyMap<string, ReadonlyMap<number, WantedPartition>>): WantedTopic[] {
  const changed: WantedTopic[] = [];
  for (const { topic, partitions } of wanted) {
    const ofTopic = held.get(topic);
    const moved = partitions.filter((one) => !isSame(one, ofTopic?.get(one.partition)));
    if (moved.length > 0) changed.push({ topic, partitions: moved });
  }
  return changed;
}

function isSame(one: WantedPartition, other: WantedPartition | undefined): boolean {
  return one.fetchOffset === other?.fetchOffset && one.maxBytes === other.maxBytes;
}

function forgottenOf(
  held: ReadonlyMap<string, ReadonlyMap<number, WantedPartition>>,
  now: ReadonlyMap<string, ReadonlyMap<number, WantedPartition>>,
): SessionRequest['forgotten'] {
  const forgotten: { topic: string; partitions: number[] }[] = [];
  for (const [topic, ofTopic] of held) {
    const kept = now.get(topic);
    const partitions = [...ofTopic.keys()].filter((partition) => kept?.has(partition) !== true);
    if (partitions.length > 0) forgotten.push({ topic, partitions });
  }
  return forgotten;
}
