import { expect, it } from 'vitest';
import { durationText } from './duration-text.js';

it.each([
  [43_200_000, '12 hours'],
  [3_600_000, '1 hour'],
  [5_400_000, '90 minutes'],
  [60_000, '1 minute'],
  [90_000, '90 seconds'],
  [1_000, '1 second'],
  [1_250, '1.25 seconds'],
])('%i ms are said as they are: %s', (ms, text) => expect(durationText(ms)).toBe(text));
