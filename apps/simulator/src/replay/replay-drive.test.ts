import type { LocationItem } from '@milepost/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OfflineBuffer } from '../link/offline-buffer.js';
import { feed } from './replay-drive.js';
import { schedule } from './schedule.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a drive goes on in its pace though the clock is set back on the way', async () => {
  const location = new OfflineBuffer<LocationItem>(10);
  const sent: (number | undefined)[] = [];
  const link = { location, send: (_: 'location', { sequence }: LocationItem) => void sent.push(sequence) };
  const fixes = [0, 1_000, 2_000, 3_000].map((atMs) => ({ latitude: 1, longitude: 2, atMs }));
  const done = feed(link, schedule(fixes, 1, Date.now()), new AbortController().signal);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toEqual([0, 1]);
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toEqual([0, 1, 2, 3]);
  expect(await done).toBe(true);
});
