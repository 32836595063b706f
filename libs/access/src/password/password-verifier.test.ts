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
    expect(await it.verify(user, 'anna', right)).toBe('right');
    expect(await it.verify(user, 'anna', wrong)).toBe('wrong');
  });

  it('is wrong without a password, with one that is too long, and for somebody unknown', async () => {
    const { it } = verifier();
    expect(await it.verify(anna, 'anna', Buffer.alloc(0))).toBe('wrong');
    expect(await it.verify(anna, 'anna', Buffer.alloc(60_000))).toBe('wrong');
    expect(await it.verify(undefined, 'nobody', right)).toBe('wrong');
  });

  it('of a disabled user is wrong, remembered or not', async () => {
    const { it } = verifier();
    expect(await it.verify(anna, 'anna', right)).toBe('right');
    expect(await it.verify({ ...anna, disabled: true }, 'anna', right)).toBe('wrong');
  });

  it('of somebody unknown costs what a wrong password costs, so that time does not tell', async () => {
    const { it, matches } = verifier();
    await it.verify(undefined, 'nobody', wrong);
    await it.verify({ ...anna, disabled: true }, 'anna', right);
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
    await it.verify(anna, 'anna', right);
    nowMs = 999;
    expect(await it.verify(anna, 'anna', right)).toBe('right');
    expect(matches).toHaveBeenCalledTimes(1);
    nowMs = 1_000;
    expect(await it.verify(anna, 'anna', right)).toBe('right');
    expect(matches).toHaveBeenCalledTimes(2);
  });

  it('is not once the password is another', async () => {
    const { it } = verifier();
    await it.verify(anna, 'anna', right);
    const changed = { ...anna, password: plain(wrong) };
    expect(await it.verify(changed, 'anna', right)).toBe('wrong');
    expect(await it.verify(changed, 'anna', wrong)).toBe('right');
  });

  it('is remembered no longer though somebody sets the clock back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const { it, matches } = verifier();
      await it.verify(anna, 'anna', right);
      vi.setSystemTime(Date.now() - 3_600_000);
      vi.advanceTimersByTime(600_000);
      await it.verify(anna, 'anna', right);
      expect(matches).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is remembered for a bounded number of users, the least recently used forgotten first', async () => {
    const { it, matches } = verifier({ maxRemembered: 1 });
    await it.verify(anna, 'anna', right);
    await it.verify({ ...anna, name: 'berta' }, 'berta', right);
    await it.verify({ ...anna, name: 'berta' }, 'berta', right);
    expect(matches).toHaveBeenCalledTimes(2);
    await it.verify(anna, 'anna', right);
    expect(matches).toHaveBeenCalledTimes(3);
  });
});

describe('a storm of logins', () => {
  it('of one user is computed once', async () => {
    const { it, matches } = verifier({ maxRunning: 1, maxWaiting: 0 });
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => it.verify(anna, 'anna', right)));
    expect(new Set(verdicts)).toEqual(new Set(['right']));
    expect(matches).toHaveBeenCalledTimes(1);
  });

  it('of many runs a few at a time, lets a bounded number wait, and tells the others to come again', async () => {
    const { it } = verifier({ maxRunning: 1, maxWaiting: 2 });
    const attempts = ['a', 'b', 'c', 'd', 'e'].map((name) => it.verify(undefined, name, wrong));
    expect(it.waitingCount).toBe(2);
    expect(await Promise.all(attempts)).toEqual(['wrong', 'wrong', 'wrong', 'busy', 'busy']);
    expect(it.waitingCount).toBe(0);
    expect(await it.verify(anna, 'anna', right)).toBe('right');
  });
});
