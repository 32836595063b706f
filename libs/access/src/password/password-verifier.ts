import { createHmac, randomBytes } from 'node:crypto';
import type { User } from '../users/user.js';
import { impossibleHash, matchesPassword, type PasswordHash, passwordLimits } from './password-hash.js';

export interface PasswordVerifierLimits {
  /** Each takes a thread of the pool (files and names need some too) and 32 MiB for about 0.1 s. */
  maxRunning: number;
  /** Logins that wait for their turn; more are told to come again. */
  maxWaiting: number;
  /** Of these, from one place: whoever guesses leaves room for the others. */
  maxWaitingFrom: number;
  /** Logins that are remembered, so that a storm of reconnects does not compute each of them anew. */
  maxRemembered: number;
  rememberedMs: number;
}

export const passwordVerifierLimits: PasswordVerifierLimits = {
  maxRunning: 2,
  maxWaiting: 200,
  maxWaitingFrom: 50,
  maxRemembered: 1_000,
  rememberedMs: 600_000,
};

/** `busy`: too many logins wait; nothing is known about this one. */
export type Verdict = 'right' | 'wrong' | 'busy';

/**
 * Judges passwords. What is remembered are codes of right logins under a key that only this process has; name, stored hash and
 * password go into them, so a new password or a removed user is never let in by an old success.
 */
export class PasswordVerifier {
  private readonly limits: PasswordVerifierLimits;
  private readonly key = randomBytes(32);
  private readonly nobody: PasswordHash = impossibleHash();
  /** Code of a right login → when it is forgotten; the least recently used first. */
  private readonly remembered = new Map<string, number>();
  /** The same login twice at a time is computed once. */
  private readonly judging = new Map<string, Promise<boolean>>();
  private readonly waiting: (() => void)[] = [];
  private readonly waitingFrom = new Map<string, number>();
  private running = 0;

  constructor(
    limits: Partial<PasswordVerifierLimits> = {},
    private readonly now: () => number = () => performance.now(),
    private readonly matches: typeof matchesPassword = matchesPassword,
  ) {
    this.limits = { ...passwordVerifierLimits, ...limits };
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** An unknown or disabled user (undefined) is `wrong` after as long a time as a wrong password. `from`: where the login comes from. */
  async verify(user: User | undefined, name: string, password: Buffer, from: string): Promise<Verdict> {
    const known = user?.disabled === true ? undefined : user;
    // Nobody can have set a longer one, and hashing it would cost by its length.
    const tried = password.length > passwordLimits.maxBytes ? Buffer.alloc(0) : password;
    const code = this.codeOf(name, known?.password.hash, tried);
    if (known !== undefined && this.isRemembered(code)) return 'right';
    let judged = this.judging.get(code);
    if (judged === undefined) {
      if (this.running >= this.limits.maxRunning && !this.hasRoomFor(from)) return 'busy';
      judged = this.judge(tried, known?.password ?? this.nobody, from).finally(() => this.judging.delete(code));
      this.judging.set(code, judged);
    }
    if (!(await judged) || known === undefined || tried !== password) return 'wrong';
    this.remember(code);
    return 'right';
  }

  private hasRoomFor(from: string): boolean {
    const { maxWaiting, maxWaitingFrom } = this.limits;
    return this.waiting.length < maxWaiting && (this.waitingFrom.get(from) ?? 0) < maxWaitingFrom;
  }

  private async judge(password: Buffer, expected: PasswordHash, from: string): Promise<boolean> {
    if (this.running >= this.limits.maxRunning) await this.turn(from);
    else this.running += 1;
    try {
      return await this.matches(password, expected);
    } finally {
      // Whoever waited longest takes over the place.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }

  private async turn(from: string): Promise<void> {
    this.waitingFrom.set(from, (this.waitingFrom.get(from) ?? 0) + 1);
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    const left = (this.waitingFrom.get(from) ?? 0) - 1;
    if (left > 0) this.waitingFrom.set(from, left);
    else this.waitingFrom.delete(from);
  }

  private isRemembered(code: string): boolean {
    const untilMs = this.remembered.get(code);
    if (untilMs === undefined) return false;
    this.remembered.delete(code);
    if (untilMs <= this.now()) return false;
    this.remembered.set(code, untilMs);
    return true;
  }

  private remember(code: string): void {
    this.remembered.delete(code);
    this.remembered.set(code, this.now() + this.limits.rememberedMs);
    if (this.remembered.size <= this.limits.maxRemembered) return;
    for (const oldest of this.remembered.keys()) {
      this.remembered.delete(oldest);
      return;
    }
  }

  private codeOf(name: string, hash: Buffer | undefined, password: Buffer): string {
    const code = createHmac('sha256', this.key);
    // Each part with its length before it: no two logins share a code.
    for (const part of [Buffer.from(name), hash ?? Buffer.alloc(0), password]) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      code.update(length).update(part);
    }
    return code.digest('base64');
  }
}
