import { expect, test } from 'vitest';
import { type GroupUses, groupUsesInWords } from './group-uses.js';

const words = (uses: Partial<GroupUses>) => groupUsesInWords({ policy: false, mutes: [], geofences: [], webhooks: [], ...uses });

test('everything that refers to a group is named', () => {
  expect(words({ policy: true, mutes: ['m1'], geofences: ['yard', 'gate'], webhooks: ['w1'] })).toBe(
    'its policy, the mute m1, the geofences yard, gate and the webhook w1',
  );
  expect(words({ webhooks: ['w1'] })).toBe('the webhook w1');
});

test('a group that nothing refers to has no uses', () => expect(words({})).toBeUndefined());

test('of many ten are named, and how many more there are', () => {
  const webhooks = Array.from({ length: 12 }, (_, n) => `w${n}`);
  expect(words({ webhooks })).toBe('the webhooks w0, w1, w2, w3, w4, w5, w6, w7, w8, w9 (and 2 more)');
});
