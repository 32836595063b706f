import type { LogWriter } from '@milepost/kafka';

/** Where the broker makes things durable: Kafka, or memory in tests and conformance runs. */
export type MessageLog = Pick<LogWriter, 'append' | 'lastAnswerAtMs'>;

/** DESIGN "Broker to Kafka": after this long without an answer to a produce request, CONNECT is answered 0x88. */
const UNANSWERED_MS = 5_000;

export function isAnswering(log: MessageLog, nowMs: number): boolean {
  return nowMs - log.lastAnswerAtMs < UNANSWERED_MS;
}
