import { expect, test } from 'vitest';
import type { Audit } from './ledger/audit.js';
import { type Outcome, violationsOf } from './outcome.js';

const audit: Audit = {
  ...{ sent: 1, acknowledged: 1, stored: 1, letters: 0, alerts: 1, absences: 1 },
  ...{ unacknowledged: [], lost: [], storedTwice: [], invented: [], wrongLatest: [], outOfOrder: [], rewound: [] },
  ...{ falseAlerts: [], missedAlerts: [], untold: [] },
  ...{ ownStallMs: 0, longestOwnStallMs: 0, overloaded: [] },
};
const judged = (more: Partial<Audit>) =>
  violationsOf({ audit: { ...audit, ...more }, windows: [], impossible: [], complaints: [] } as unknown as Outcome);

test('a run whose ledger could not look fails, also where it has found nothing', () => {
  expect(judged({ ownStallMs: 13_000, longestOwnStallMs: 13_000 })).toEqual([]);
  expect(judged({ overloaded: [{ what: 'the ledger stood still for 13000 ms' }] })).toEqual([
    'cannot judge, the machine is overloaded: the ledger stood still for 13000 ms',
  ]);
});
