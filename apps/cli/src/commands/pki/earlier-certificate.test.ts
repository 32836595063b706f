import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgram } from '../../program.js';
import { Installation } from '../../reaching/installation.js';

let folder: string;
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-pki-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** What `pki …` says beside its output. */
async function pki(...args: string[]): Promise<string> {
  said = '';
  await createProgram(new Installation({ MILEPOST_DATA_DIR: folder }, '/')).parseAsync(['pki', ...args], { from: 'user' });
  return said;
}
const issue = () => pki('issue', 'truck', '--out', join(folder, 'out'), '--force');
const serialIn = (text: string) => /serial number (\w+)/.exec(text)?.[1] ?? '';

it('says of an earlier certificate how to end it, or that there is nothing to end', async () => {
  await pki('init');
  const first = serialIn(await issue());
  const second = await issue();
  expect(second).toContain(`\`npx milepost pki revoke --serial ${first}\` ends it`);
  expect(await pki('revoke', '--serial', serialIn(second))).not.toContain('lists no vehicle certificate');
  expect(await issue()).toContain('The earlier certificate is revoked already.');

  await rm(join(folder, 'pki'), { recursive: true });
  await pki('init');
  const afresh = await issue();
  expect(afresh).toContain(`issued by another authority than the one in ${join(folder, 'pki')}`);
  expect(afresh).not.toContain('ends it');
  expect(await pki('revoke', '--serial', first)).toContain(`lists no vehicle certificate with the serial number ${first}.`);
});
