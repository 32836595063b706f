import { describe, expect, it, vi } from 'vitest';
import type { User } from '../users/user.js';
import { hashPassword, impossibleHash, matchesPassword, type PasswordHash } from './password-hash.js';
import { PasswordVerifier, type PasswordVerifierLimits } from './password-verifier.js';

const right = Buffer.from('correct horse');
const wrong = Buffer.from('correct house');
/** Without scrypt: the stored hash is the password itself, padded. */
const plain = (password: Buffer): PasswordHash => ({ ...impossibleHash(), hash: Buffer.concat([password, Buffer.alloc(32)]) });
const anna: User = { name: 'anna', organisation: 'acme', disabled: false, password: plain(right) };

function verifier(limits: Partial<PasswordVerifierLimits> = {}, now?: () => number) {
  const matches = vi.fn((password: Buffer, expected: PasswordHash) =>
    Promise.resolve(plain(password).hash.equals(expected.hash) && password.length > 0),
  );
  return { matches, it: new PasswordVerifier(limits, now, matches) };
}

describe('a login', () => {
  it('is right with the password that was hashed, and with no other', async () => {
    const it = new PasswordVerifier();
    const user = { ...anna, password: await hashPassword(right) };
    expect(await matchesPassword(right, user.password)).toBe(true);
    expect(await it.verify(user, 'anna', right, 'a')).toBe('right');
    expect(await it.verify(user, 'anna', wrong, 'a')).toBe('wrong');
  });

  it('is wrong without a password, with one that is too long, and for somebody unknown', async () => {
    const { it } = verifier();
    expect(await it.verify(anna, 'anna', Buffer.alloc(0), 'a')).toBe('wrong');
    expect(await it.verify(anna, 'anna', Buffer.alloc(60_000), 'a')).toBe('wrong');
    expect(await it.verify(undefined, 'nobody', right, 'a')).toBe('wrong');
  });

  it('of a disabled user is wrong, remembered or not', async () => {
    const { it } = verifier();
    expect(await it.verify(anna, 'anna', right, 'a')).toBe('right');
    expect(await it.verify({ ...anna, disabled: true }, 'anna', right, 'a')).toBe('wrong');
  });

  it('of somebody unknown costs what a wrong password costs, so that time does not tell', async () => {
    const { it, matches } = verifier();
    await it.verify(undefined, 'nobody', wrong, 'a');
    await it.verify({ ...anna, disabled: true }, 'anna', right, 'a');
    const { n, r, p } = anna.password;
    expect(matches.mock.calls.map(([, expected]) => expected)).toEqual([
      expect.objectContaining({ n, r, p }),
      expect.objectContaining({ n, r, p }),
    ]);
  });
});

describe('what was right', () => {
  it('is remembered for a while: the next time costs nothing', async () => {
    let nowMs = 0;
    const { it, matches } = verifier({ rememberedMs: 1_000 }, () => nowMs);
    await it.verify(anna, 'anna', right, 'a');
    nowMs = 999;
    expect(await it.verify(anna, 'anna', right, 'a')).toBe('right');
    expect(matches).toHaveBeenCalledTimes(1);
    nowMs = 1_000;
    expect(await it.verify(anna, 'anna', right, 'a')).toBe('right');
    expect(matches).toHaveBeenCalledTimes(2);
  });

  it('is not once the password is another', async () => {
    const { it } = verifier();
    await it.verify(anna, 'anna', right, 'a');
    const changed = { ...anna, password: plain(wrong) };
    expect(await it.verify(changed, 'anna', right, 'a')).toBe('wrong');
    expect(await it.verify(changed, 'anna', wrong, 'a')).toBe('right');
  });

  it('is remembered no longer though somebody sets the clock back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const { it, matches } = verifier();
      await it.verify(anna, 'anna', right, 'a');
      vi.setSystemTime(Date.now() - 3_600_000);
      vi.advanceTimersByTime(600_000);
      await it.verify(anna, 'anna', right, 'a');
      expect(matches).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is remembered for a bounded number of users, the least recently used forgotten first', async () => {
    const { it, matches } = verifier({ maxRemembered: 1 });
    await it.verify(anna, 'anna', right, 'a');
    await it.verify({ ...anna, name: 'berta' }, 'berta', right, 'a');
    await it.verify({ ...anna, name: 'berta' }, 'berta', right, 'a');
    expect(matches).toHaveBeenCalledTimes(2);
    await it.verify(anna, 'anna', right, 'a');
    expect(matches).toHaveBeenCalledTimes(3);
  });
});

describe('a storm of logins', () => {
  it('of one user is computed once', async () => {
    const { it, matches } = verifier({ maxRunning: 1, maxWaiting: 0 });
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => it.verify(anna, 'anna', right, 'a')));
    expect(new Set(verdicts)).toEqual(new Set(['right']));
    expect(matches).toHaveBeenCalledTimes(1);
  });

  it('from one place leaves room for the logins of others, and counts that of one user once', async () => {
    const { it } = verifier({ maxRunning: 1, maxWaiting: 4, maxWaitingFrom: 2 });
    const guesses = ['a', 'b', 'c', 'd'].map((name) => it.verify(undefined, name, wrong, '192.0.2.1'));
    const service = Array.from({ length: 20 }, () => it.verify(anna, 'anna', right, '192.0.2.2'));
    expect(await Promise.all(guesses)).toEqual(['wrong', 'wrong', 'wrong', 'busy']);
    expect(new Set(await Promise.all(service))).toEqual(new Set(['right']));
    // Who waits no more counts no more.
    const later = ['a', 'b', 'c'].map((name) => it.verify(undefined, name, wrong, '192.0.2.1'));
    expect(await Promise.all(later)).toEqual(['wrong', 'wrong', 'wrong']);
  });

  it('of many runs a few at a time, lets a bounded number wait, and tells the others to come again', async () => {
    const { it } = verifier({ maxRunning: 1, maxWaiting: 2 });
    const attempts = ['a', 'b', 'c', 'd', 'e'].map((name) => it.verify(undefined, name, wrong, 'a'));
    expect(it.waitingCount).toBe(2);
    expect(await Promise.all(attempts)).toEqual(['wrong', 'wrong', 'wrong', 'busy', 'busy']);
    expect(it.waitingCount).toBe(0);
    expect(await it.verify(anna, 'anna', right, 'a')).toBe('right');
  });
});
