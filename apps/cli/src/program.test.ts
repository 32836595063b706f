import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CliError } from './cli-error.js';
import { Installation } from './installation.js';
import { createProgram } from './program.js';

const written = { stdout: '', stderr: '' };

beforeEach(() => {
  for (const name of ['stdout', 'stderr'] as const) {
    written[name] = '';
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
});
afterEach(() => void vi.restoreAllMocks());

/** The exit code, and everything that was said, where nothing runs. */
async function milepost(...args: string[]): Promise<{ code: number; said: string }> {
  const program = createProgram(new Installation({ MILEPOST_DATA_DIR: '/nonexistent' }, '/'));
  try {
    await program.parseAsync(args, { from: 'user' });
    return { code: 0, said: written.stdout };
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, said: written.stdout + written.stderr };
    if (error instanceof CliError) return { code: error.exitCode, said: error.message };
    throw error;
  }
}

describe('the command line', () => {
  test('says its version', async () => {
    expect(await milepost('--version')).toEqual({ code: 0, said: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test('names the commands that there are for one that is none, and the nearest', async () => {
    expect(await milepost('frobnicate')).toEqual({ code: 2, said: expect.stringMatching(/Known here: pki, keys, .*doctor/) });
    expect(await milepost('keys', 'frobnicate')).toEqual({ code: 2, said: expect.stringContaining('Known here: create, list, revoke') });
    expect(await milepost('webhook', 'list')).toEqual({ code: 2, said: expect.stringContaining('Did you mean webhooks?') });
  });

  test('does nothing to a whole organisation by a word forgotten', async () => {
    const refused = { code: 2, said: expect.stringContaining('--whole-organisation') };
    expect(await milepost('mutes', 'add', '--until', '+2h')).toEqual(refused);
    expect(await milepost('mutes', 'add', '--vehicle', 'a', '--whole-organisation')).toEqual(refused);
    expect(await milepost('mutes', 'add', '--vehicle', 'a', '--group', 'b')).toEqual(refused);
    expect(await milepost('policies', 'set', 'graceSeconds=60')).toEqual(refused);
    expect(await milepost('policies', 'set', 'graceSeconds=60', '--organisation', 'acme')).toEqual(refused);
    expect(await milepost('policies', 'set', 'graceSeconds=60', '--group', 'a', '--vehicle', 'b')).toEqual(refused);
    expect(await milepost('policies', 'unset')).toEqual(refused);
    expect(await milepost('policies', 'unset', '--organisation', 'acme')).toEqual(refused);
    expect(await milepost('policies', 'unset', '--group', 'a', '--whole-organisation')).toEqual(refused);
  });

  test.each(['abc', '1.5', '', '1001', '-1001'])('takes %j for no priority of a group', async (text) => {
    const refused = { code: 2, said: expect.stringContaining('Give a whole number from -1000 to 1000') };
    expect(await milepost('policies', 'set', '--group', 'vans', 'graceSeconds=60', '--priority', text)).toEqual(refused);
  });

  test('takes no priority where there is no group', async () => {
    const refused = { code: 2, said: expect.stringContaining('--priority decides between groups') };
    expect(await milepost('policies', 'set', '--vehicle', 'a', 'graceSeconds=60', '--priority', '3')).toEqual(refused);
  });

  test('sets no policy with a maintenance window that ends before it begins', async () => {
    const window = 'maintenanceWindows=[{"from":"2026-11-24T06:00:00Z","to":"2026-11-24T05:00:00Z"}]';
    const refused = { code: 2, said: expect.stringContaining('/maintenanceWindows/0/to must be later than from') };
    expect(await milepost('policies', 'set', '--group', 'vans', window)).toEqual(refused);
  });

  test('sets no policy that says nothing', async () => {
    const refused = { code: 2, said: expect.stringContaining('at least one setting') };
    expect(await milepost('policies', 'set')).toEqual(refused);
    expect(await milepost('policies', 'set', '--group', 'vans', '--priority', '3')).toEqual(refused);
  });
});
