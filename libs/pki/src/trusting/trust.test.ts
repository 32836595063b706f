import { X509Certificate } from 'node:crypto';
import fs, { copyFile, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Authority, openAuthority } from '../authority/authority.js';
import { createAuthority } from '../issuing/create-authority.js';
import { issueCertificate } from '../issuing/issue-certificate.js';
import { publishRevocations } from '../revoking/publish-revocations.js';
import { revoke } from '../revoking/revoke.js';
import { identify, recheck } from './identify.js';
import { loadTrust, type Trust, type TrustOptions, type TrustProblem } from './trust.js';

let folder: string;
let authority: Authority;
let trust: Trust | undefined;
let problems: TrustProblem[];

const load = async (options: TrustOptions = {}): Promise<Trust> => {
  trust = await loadTrust(authority.files.trust, { pollMs: 60_000, onProblem: (problem) => problems.push(problem), ...options });
  return trust;
};
const certify = async (vehicleId: string) => new X509Certificate((await issueCertificate(authority, { vehicleId })).certificatePem);
/** As when the process has no file handle left at that moment: to look at files (stat) still works. */
const withoutReadsOf = async (file: string, work: () => Promise<void>): Promise<void> => {
  const tooMany = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
  const read = fs.readFile;
  const reads = vi
    .spyOn(fs, 'readFile')
    .mockImplementation((path, ...rest) => (path === file ? Promise.reject(tooMany) : read(path, ...rest)));
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    reads.mockRestore();
    syncBuiltinESMExports();
  }
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-trust-'));
  authority = await createAuthority(folder);
  problems = [];
});
afterEach(async () => {
  trust?.close();
  trust = undefined;
  await rm(folder, { recursive: true });
});

describe('loadTrust', () => {
  it('sees a revocation by itself and tells its listeners', async () => {
    const loaded = await load({ pollMs: 10 });
    const certificate = await certify('truck-1');
    const changed = vi.fn();
    loaded.onChange(changed);
    await revoke(authority, { vehicleId: 'truck-1' });
    await expect.poll(() => identify(certificate, loaded)).toMatchObject({ reason: 'revoked' });
    await expect.poll(() => changed).toHaveBeenCalledTimes(1);
  });

  it('keeps the last good list when its file becomes unreadable, and says so once', async () => {
    const certificate = await certify('truck-1');
    await revoke(authority, { vehicleId: 'truck-1' });
    const loaded = await load();
    await writeFile(authority.files.crl, 'not a list');
    await loaded.reload();
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ reason: 'revoked' });
    expect(identify(await certify('truck-2'), loaded)).toMatchObject({ ok: true });
    expect(problems).toEqual([{ code: 'crl_stale', authority: 'development', message: expect.stringContaining('not an X.509 CRL') }]);
  });

  it('lets no older list undo a revocation', async () => {
    const certificate = await certify('truck-1');
    await copyFile(authority.files.crl, join(folder, 'old.crl'));
    await revoke(authority, { vehicleId: 'truck-1' }, new Date(Date.now() + 5_000));
    const loaded = await load();
    await copyFile(join(folder, 'old.crl'), authority.files.crl);
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ reason: 'revoked' });
    expect(problems).toMatchObject([{ code: 'crl_stale' }]);
  });

  it('goes on with an expired list, loudly; strict refuses', async () => {
    const longAgo = new Date(Date.now() - 60 * 86_400_000);
    await rm(authority.files.crl);
    await publishRevocations(authority, [], longAgo);
    const certificate = await certify('truck-1');
    expect(identify(certificate, await load())).toMatchObject({ ok: true });
    expect(problems).toMatchObject([{ code: 'crl_expired', authority: 'development' }]);
    trust?.close();
    const strict = await load({ strict: true });
    expect(identify(certificate, strict)).toMatchObject({ reason: 'revoked', detail: expect.stringContaining('cannot be ruled out') });
  });

  it('refuses in strict mode while the list is unreadable, and no longer when it is mended', async () => {
    const loaded = await load({ strict: true });
    const certificate = await certify('truck-1');
    const good = await readFile(authority.files.crl);
    await rm(authority.files.crl);
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ ok: false, reason: 'revoked' });
    await writeFile(authority.files.crl, good);
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ ok: true });
    expect(loaded.problems()).toEqual([]);
  });

  it('tries a list again that the file system did not give, though its file does not change', async () => {
    const loaded = await load();
    const certificate = await certify('truck-1');
    await revoke(authority, { vehicleId: 'truck-1' });
    const changed = vi.fn();
    loaded.onChange(changed);
    await withoutReadsOf(authority.files.crl, async () => {
      await loaded.reload();
      const unread = loaded.authorities();
      await loaded.reload();
      expect(loaded.authorities()).toEqual(unread);
      expect(loaded.authorities()[0]).toBe(unread[0]);
    });
    expect(problems).toMatchObject([{ code: 'crl_stale', message: expect.stringContaining('EMFILE') }]);
    expect(changed).toHaveBeenCalledTimes(1);
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ reason: 'revoked' });
    expect(changed).toHaveBeenCalledTimes(2);
    expect(loaded.problems()).toEqual([]);
    await loaded.reload();
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('tries trusted-cas.json again that the file system did not give, though it does not change', async () => {
    const loaded = await load();
    const trusted = await readFile(authority.files.trust, 'utf8');
    await writeFile(authority.files.trust, trusted.replace('"*"', '"north"'));
    await withoutReadsOf(authority.files.trust, async () => {
      await loaded.reload();
      await loaded.reload();
    });
    expect(problems).toMatchObject([{ code: 'reload_failed', message: expect.stringContaining('EMFILE') }]);
    await loaded.reload();
    expect(loaded.authorities()[0]?.organisations).toEqual(new Set(['north']));
    expect(loaded.problems()).toEqual([]);
  });

  it('accepts no list that another CA signed', async () => {
    const other = await createAuthority(join(folder, 'other'));
    const loaded = await load();
    await copyFile(other.files.crl, authority.files.crl);
    await loaded.reload();
    expect(problems).toMatchObject([{ code: 'crl_stale', message: expect.stringContaining('not signed by') }]);
  });

  it('keeps the trusted CAs when trusted-cas.json becomes unusable', async () => {
    const loaded = await load();
    const certificate = await certify('truck-1');
    await writeFile(authority.files.trust, '[{"name": "development"}]');
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ ok: true });
    expect(problems).toMatchObject([{ code: 'reload_failed', message: expect.stringContaining('certificateFile') }]);
  });

  it.each([
    ['trusted-cas.json cannot be used', async () => writeFile(authority.files.trust, '[{"name": "development"}]')],
    [
      'another CA is added whose certificate cannot be used',
      async () => {
        const own = JSON.parse(await readFile(authority.files.trust, 'utf8')) as object[];
        await writeFile(join(folder, 'other.crt'), 'no certificate');
        const other = { name: 'other', certificateFile: 'other.crt', organisations: ['other'] };
        await writeFile(authority.files.trust, JSON.stringify([...own, other]));
      },
    ],
    [
      'a list is there that names none of the CAs in use, and cannot be used',
      async () => writeFile(authority.files.trust, '[{"name": "other", "certificateFile": "none.crt", "organisations": ["*"]}]'),
    ],
  ])('sees a revocation though %s, and says only once what is wrong', async (_what, damage) => {
    const loaded = await load();
    const certificate = await certify('truck-1');
    const other = await certify('truck-2');
    await damage();
    await loaded.reload();
    const changed = vi.fn();
    loaded.onChange(changed);
    await loaded.reload();
    expect(changed).not.toHaveBeenCalled();
    await revoke(authority, { vehicleId: 'truck-1' });
    await loaded.reload();
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ reason: 'revoked' });
    expect(identify(other, loaded)).toMatchObject({ ok: true });
    expect(changed).toHaveBeenCalledTimes(1);
    expect(problems).toMatchObject([{ code: 'reload_failed' }]);
    expect(loaded.problems()).toMatchObject([{ code: 'reload_failed' }]);
  });

  it('goes on with a CA that is given another name, for open connections too', async () => {
    const loaded = await load();
    const identity = identify(await certify('truck-1'), loaded);
    if (!identity.ok) throw new Error('expected an identity');
    const trusted = await readFile(authority.files.trust, 'utf8');
    await writeFile(authority.files.trust, trusted.replace('development', 'production'));
    await loaded.reload();
    expect(loaded.authorities()[0]?.name).toBe('production');
    expect(recheck(identity, loaded)).toBeUndefined();
    await revoke(authority, { vehicleId: 'truck-1' });
    await loaded.reload();
    expect(recheck(identity, loaded)).toMatchObject({ reason: 'revoked' });
  });

  it('forgets a CA that is no longer listed, for open connections too', async () => {
    const loaded = await load();
    const identity = identify(await certify('truck-1'), loaded);
    if (!identity.ok) throw new Error('expected an identity');
    expect(recheck(identity, loaded)).toBeUndefined();
    const other = await createAuthority(join(folder, 'other'));
    await writeFile(
      authority.files.trust,
      JSON.stringify([{ name: 'new', certificateFile: other.files.certificate, organisations: ['*'] }]),
    );
    await loaded.reload();
    expect(recheck(identity, loaded)).toMatchObject({ reason: 'unknown_ca' });
  });

  it('forgets a CA whose key was replaced under its old name, for open connections too, and keeps one that was renewed', async () => {
    const loaded = await load();
    const certificate = await certify('truck-1');
    const identity = identify(certificate, loaded);
    if (!identity.ok) throw new Error('expected an identity');
    await writeFile(
      authority.files.trust,
      JSON.stringify([{ name: 'development', certificateFile: 'ca.crt', organisations: ['default'] }]),
    );
    await loaded.reload();
    expect(recheck(identity, loaded)).toBeUndefined();
    const other = await createAuthority(join(folder, 'other'));
    await writeFile(
      authority.files.trust,
      JSON.stringify([{ name: 'development', certificateFile: other.files.certificate, organisations: ['*'] }]),
    );
    await loaded.reload();
    expect(identify(certificate, loaded)).toMatchObject({ reason: 'unknown_ca' });
    expect(recheck(identity, loaded)).toMatchObject({ reason: 'unknown_ca' });
  });

  it('does not start without what it names', async () => {
    await rm(authority.files.crl);
    await expect(load()).rejects.toMatchObject({ code: 'crl_unreadable' });
    await writeFile(authority.files.trust, '[]');
    await expect(load()).rejects.toThrow(/must be a list like/);
    await writeFile(authority.files.trust, '-----BEGIN CERTIFICATE-----');
    await expect(load()).rejects.toThrow(/it is not JSON .*Is it the trusted-cas\.json\?/);
    await rm(authority.files.trust);
    await expect(load()).rejects.toMatchObject({ code: 'trust_unreadable' });
  });

  it('sees a file that was replaced by one of the same size and time', async () => {
    const loaded = await load();
    const trusted = await readFile(authority.files.trust, 'utf8');
    const replacement = join(folder, 'replacement.json');
    await writeFile(replacement, trusted.replace('"*"', '"x"'));
    const moment = new Date();
    await utimes(replacement, moment, moment);
    await utimes(authority.files.trust, moment, moment);
    await loaded.reload();
    await copyFile(replacement, `${replacement}.2`);
    await utimes(`${replacement}.2`, moment, moment);
    await rename(`${replacement}.2`, authority.files.trust);
    await loaded.reload();
    expect(loaded.authorities()[0]?.organisations).toEqual(new Set(['x']));
  });
});

describe('openAuthority', () => {
  it('refuses a key that is not the authority’s', async () => {
    const other = await createAuthority(join(folder, 'other'));
    await copyFile(other.files.key, authority.files.key);
    await expect(openAuthority(folder)).rejects.toMatchObject({ code: 'authority_damaged' });
  });
});
