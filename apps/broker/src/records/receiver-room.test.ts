import type { KeptMessage } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { divideReceivers } from './receiver-parts.js';
import { maxRecordBytes } from './record-room.js';

/** Everything that may be said of a receiver, under a short name. */
const RECEIVER: KeptMessage['receivers'][number] = {
  client: 'c',
  qos: 1,
  retain: true,
  retainedAsPublished: true,
  identifier: 268_435_455,
  share: 's',
  session: `${2 ** 31}/${2 ** 40}`,
};

test('no record is given more receivers than it has room for, whatever is said of each', () => {
  const message = { topic: 't', payload: Buffer.alloc(0), qos: 1 as const, retain: true, properties: {} };
  for (let count = 7_800; count < 9_000; count += 100) {
    const { first, parts } = divideReceivers(
      Array.from({ length: count }, () => RECEIVER),
      message,
      () => 500,
    );
    const sizes = [first, ...parts].map((receivers) => JSON.stringify(receivers).length);
    expect([count, Math.max(...sizes) <= maxRecordBytes]).toEqual([count, true]);
  }
});
