import type { DeadLetterPosition } from '@milepost/database';
import { InvalidArgumentError } from 'commander';

/** `topic/partition/offset`, as the API and the header `replay-of` write it. */
export const deadLetterId = ({ topic, partition, offset }: DeadLetterPosition): string => `${topic}/${partition}/${offset}`;

/** @throws InvalidArgumentError */
export function parseDeadLetterId(text: string): DeadLetterPosition {
  const [, topic, partition, offset] = /^([a-zA-Z0-9._-]{1,249})\/(\d{1,9})\/(\d{1,18})$/.exec(text) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) {
    throw new InvalidArgumentError(`"${text}" is not topic/partition/offset, like fleet.location/3/1042.`);
  }
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}
