import type { OutboundMessage } from '@milepost/mqtt';
import { retainedKey } from '../../records/retained-records.js';

/** A topic some of whose records are on their way. */
interface UnsettledTopic {
  /** What the log says as far as it has answered; undefined: that the topic retains nothing. */
  recorded: OutboundMessage | undefined;
  recordedAs: number;
  /** On their way, in their order. */
  readonly onTheirWay: Map<number, OutboundMessage>;
  /** Their numbers, and of some that are settled: a topic may have very many on their way. */
  numbers: number[];
}

/** Settled ones are not looked for among fewer. */
const FEW = 64;

/** What topics are to retain whose records are on their way: if the log refuses one, what it has in its place is known. */
export class UnsettledRetained {
  private readonly topics = new Map<string, UnsettledTopic>();
  private count = 0;

  /** A record is about to be written. `before`: what the topic retains now. @returns its number. */
  begin(organisation: string, message: OutboundMessage, before: OutboundMessage | undefined): number {
    const key = retainedKey(organisation, message.topic);
    const topic = this.topics.get(key) ?? { recorded: before, recordedAs: 0, onTheirWay: new Map<number, OutboundMessage>(), numbers: [] };
    this.topics.set(key, topic);
    const number = ++this.count;
    topic.onTheirWay.set(number, message);
    topic.numbers.push(number);
    return number;
  }

  /** The log has answered. @returns what the topic retains now, if that is another message than before. */
  settle(
    organisation: string,
    { topic: name }: OutboundMessage,
    number: number,
    isStored: boolean,
  ): { now: OutboundMessage | undefined } | undefined {
    const key = retainedKey(organisation, name);
    const topic = this.topics.get(key);
    const message = topic?.onTheirWay.get(number);
    if (topic === undefined || message === undefined) return undefined;
    const before = latest(topic);
    topic.onTheirWay.delete(number);
    // Of two the later one counts, whichever is answered first.
    if (isStored && number > topic.recordedAs) {
      topic.recorded = message;
      topic.recordedAs = number;
    }
    if (topic.onTheirWay.size === 0) this.topics.delete(key);
    else if (topic.numbers.length > 2 * topic.onTheirWay.size + FEW)
      topic.numbers = topic.numbers.filter((each) => topic.onTheirWay.has(each));
    const now = latest(topic);
    return now === before ? undefined : { now };
  }
}

function latest({ recorded, recordedAs, onTheirWay, numbers }: UnsettledTopic): OutboundMessage | undefined {
  for (let number = numbers.at(-1); number !== undefined && number > recordedAs; number = numbers.at(-1)) {
    const message = onTheirWay.get(number);
    if (message !== undefined) return message;
    numbers.pop();
  }
  return recorded;
}
