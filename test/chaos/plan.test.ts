import { describe, expect, test } from 'vitest';
import type { Fault, Target } from './faults/fault.js';
import { Plan } from './plan.js';

const fault = (name: string, ...targets: Target[]): Fault => ({ name, does: '', targets, inject: async () => undefined });
const faults = [fault('a', 'broker'), fault('b', 'kafka'), fault('c', 'kafka', 'postgres'), fault('d', 'alerts')];
const nothing: ReadonlySet<Target> = new Set();

/** Names and first numbers of chance of so many injections. */
function course(seed: number, rounds: number): string[] {
  const plan = new Plan(seed, faults);
  const taken: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    plan.nextRound();
    while (!plan.isRoundOver) {
      const injection = plan.take(nothing);
      taken.push(`${injection?.fault.name} ${injection?.number} ${injection?.random.below(1_000_000)}`);
    }
  }
  return taken;
}

describe('the plan of a run', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(course(7, 5)).toEqual(course(7, 5));
    expect(course(7, 5)).not.toEqual(course(8, 5));
  });

  test('has every kind once in each round', () => {
    const names = course(7, 3).map((injection) => injection.slice(0, 1));
    for (let round = 0; round < 3; round += 1) expect(names.slice(round * 4, round * 4 + 4).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('passes over what touches something that is busy, and comes back to it', () => {
    const plan = new Plan(7, faults);
    plan.nextRound();
    const busy: ReadonlySet<Target> = new Set(['kafka']);
    const taken = [plan.take(busy), plan.take(busy)].map((injection) => injection?.fault.name);
    expect(taken.sort()).toEqual(['a', 'd']);
    expect(plan.take(busy)).toBeUndefined();
    expect(plan.isRoundOver).toBe(false);
    expect(plan.take(nothing)?.fault.targets).toContain('kafka');
  });
});
