import { expect, it } from 'vitest';
import { topicsFound } from './check-topics.js';

it('calls topics wrong that can lose what was acknowledged, each with why', () => {
  const risk = 'fleet.location: They have fewer copies than Kafka has nodes.';
  expect(topicsFound(9, [risk])).toEqual([
    { ok: false, subject: 'Kafka topics', detail: risk, mend: expect.stringContaining('the loss of one node') },
  ]);
});

it('calls topics fine of which nothing can be lost', () => {
  expect(topicsFound(9, [])).toEqual([{ ok: true, subject: 'Kafka topics', detail: expect.stringContaining('all 9 are there') }]);
});
