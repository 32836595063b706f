import { describe, expect, it } from 'vitest';
import { deadLetterId, parseDeadLetterId } from './dead-letter-id.js';

describe('parseDeadLetterId', () => {
  it('reads what is written', () => {
    const id = 'fleet.location/3/9007199254740993';
    expect(deadLetterId(parseDeadLetterId(id))).toBe(id);
  });

  it.each(['', 'fleet.location', 'fleet.location/1', 'fleet.location/-1/2', 'fleet.location/1/2/3', 'fleet location/1/2'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseDeadLetterId(text)).toThrow(/is not topic\/partition\/offset/);
    },
  );
});
