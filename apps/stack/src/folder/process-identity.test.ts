import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endProcess, identify, isAlive } from './process-identity.js';

describe('process identity', () => {
  it('knows a process by pid and start time together', () => {
    const self = identify(process.pid);
    if (!self) throw new Error('this process is not seen');
    expect(isAlive(self)).toBe(true);
    expect(isAlive({ ...self, startedAt: 'another boot/1' })).toBe(false);
  });

  it('ends the process that it names, and no other with that pid', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const identity = identify(child.pid ?? 0);
    if (!identity) throw new Error('the child is not seen');
    expect(await endProcess({ ...identity, startedAt: 'another boot/1' }, 1_000)).toBe(false);
    expect(isAlive(identity)).toBe(true);
    const exited = once(child, 'exit');
    expect(await endProcess(identity, 5_000)).toBe(true);
    await exited;
    expect(isAlive(identity)).toBe(false);
  });
});
