import { ConfigError } from '@milepost/runtime';
import { expect, it } from 'vitest';
import { requireFetchPace } from './config.js';

it('a longest pace of fetches below the least is refused at the start, with both variables and what to set', () => {
  const attempt = () => requireFetchPace({ INGEST_FETCH_PACE_MS: 60, INGEST_FETCH_PACE_MAX_MS: 50 });
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(/INGEST_FETCH_PACE_MAX_MS: 50 is less than INGEST_FETCH_PACE_MS, which is 60\. Set it to 60 or more/);
});

it.each([
  [10, 50],
  [60, 60],
  [0, 0],
])('a pace of %i to %i ms is one', (least, most) => {
  expect(() => requireFetchPace({ INGEST_FETCH_PACE_MS: least, INGEST_FETCH_PACE_MAX_MS: most })).not.toThrow();
});
