import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../program.js';
import { Installation } from '../../reaching/installation.js';

let folder: string;
let printed: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-pki-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await pki('init');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** What `pki …` prints. */
async function pki(...args: string[]): Promise<string> {
  printed = '';
  await createProgram(new Installation({ MILEPOST_DATA_DIR: folder }, '/')).parseAsync(['pki', ...args], { from: 'user' });
  return printed;
}

/** The file of a new certificate of the vehicle, and its serial number. */
async function issue(name: string): Promise<[file: string, serial: string]> {
  await pki('issue', 'truck', '--out', join(folder, name));
  const file = join(folder, name, 'truck.crt');
  return [file, new X509Certificate(await readFile(file)).serialNumber];
}

describe('pki revoke FILE', () => {
  it('revokes the certificate in the file, and no other one of its vehicle', async () => {
    const [file, serial] = await issue('one');
    const [, other] = await issue('two');
    expect(await pki('revoke', file)).toBe(`${serial}\n`);
    expect((await pki('revoke', 'truck')).trim().split('\n').sort()).toEqual([serial, other].sort());
  });

  it('refuses what is no certificate of this authority, and says why', async () => {
    const [file] = await issue('one');
    await writeFile(join(folder, 'note.pem'), 'no certificate');
    await expect(pki('revoke', join(folder, 'note.pem'))).rejects.toThrow('note.pem holds no certificate');
    await expect(pki('revoke', 'missing.crt')).rejects.toThrow('missing.crt cannot be read: there is no such file');
    await expect(pki('revoke', join(folder, 'pki', 'ca.crt'))).rejects.toThrow('is the certificate of a CA');
    await pki('init', '--pki', join(folder, 'another'));
    await expect(pki('revoke', file, '--pki', join(folder, 'another'))).rejects.toThrow('was not issued by the authority in');
  });
});
