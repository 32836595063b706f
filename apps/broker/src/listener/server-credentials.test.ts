import fs, { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAuthority, issueServerCertificate, loadTrust, revoke, type Trust } from '@milepost/pki';
import { createLogger } from '@milepost/runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerCredentials } from './server-credentials.js';

const logger = createLogger({ app: 'test', level: 'silent' });
let folder: string;
let trust: Trust;
let credentials: ServerCredentials | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-credentials-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  credentials?.close();
  trust.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await rm(folder, { recursive: true });
});

describe("the broker's own certificate", () => {
  it('is read again while the file system does not give it, though it does not change, and that is said once', async () => {
    const authority = await createAuthority(folder);
    const { certificateFile, keyFile } = await issueServerCertificate(authority);
    trust = await loadTrust(authority.files.trust);
    const onChange = vi.fn();
    const errors = vi.spyOn(logger, 'error');
    credentials = await ServerCredentials.load({ certificateFile, keyFile, trust, logger, onChange });
    const tooMany = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
    const read = fs.readFile;
    const reads = vi.spyOn(fs, 'readFile').mockImplementation((path, ...rest) => {
      return path === certificateFile ? Promise.reject(tooMany) : read(path, ...rest);
    });
    syncBuiltinESMExports();
    const readTimes = () => reads.mock.calls.filter(([path]) => path === certificateFile).length;

    await utimes(certificateFile, new Date(), new Date());
    vi.advanceTimersByTime(2_000);
    await expect.poll(() => errors).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_000);
    await expect.poll(readTimes).toBe(2);
    expect(onChange).not.toHaveBeenCalled();

    reads.mockRestore();
    syncBuiltinESMExports();
    vi.advanceTimersByTime(2_000);
    await expect.poll(() => onChange).toHaveBeenCalledTimes(1);
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it('is a new context for handshakes when the trusted CAs change, and not when one of them revokes something', async () => {
    const authority = await createAuthority(folder);
    const { certificateFile, keyFile } = await issueServerCertificate(authority);
    trust = await loadTrust(authority.files.trust);
    const onChange = vi.fn();
    credentials = await ServerCredentials.load({ certificateFile, keyFile, trust, logger, onChange });
    const trustChanged = vi.fn();
    trust.onChange(trustChanged);
    await revoke(authority, { serial: 'AB' });
    await trust.reload();
    expect(trustChanged).toHaveBeenCalledTimes(1);
    const other = await createAuthority(join(folder, 'other'));
    const more = { name: 'other', certificateFile: other.files.certificate, organisations: ['other'] };
    await writeFile(authority.files.trust, JSON.stringify([...JSON.parse(await readFile(authority.files.trust, 'utf8')), more]));
    await trust.reload();
    await expect.poll(() => onChange).toHaveBeenCalled();
    expect(onChange.mock.calls).toEqual([[expect.objectContaining({ ca: [authority.certificatePem, other.certificatePem] })]]);
  });

  it('is read once at a time: what a slow file system gave late is not taken for what stands there by now', async () => {
    const authority = await createAuthority(folder);
    const { certificateFile, keyFile } = await issueServerCertificate(authority);
    trust = await loadTrust(authority.files.trust);
    credentials = await ServerCredentials.load({ certificateFile, keyFile, trust, logger, onChange: () => undefined });
    const first = await readFile(certificateFile, 'utf8');
    await writeFile(certificateFile, `${first}second`);
    let give: (() => void) | undefined;
    const read = fs.readFile;
    vi.spyOn(fs, 'readFile').mockImplementationOnce(async (...asked) => {
      const content = await read(...asked);
      await new Promise<void>((resolve) => {
        give = resolve;
      });
      return content;
    });
    syncBuiltinESMExports();
    vi.advanceTimersByTime(2_000);
    await expect.poll(() => give).toBeDefined();
    await writeFile(certificateFile, `${first}third`);
    vi.advanceTimersByTime(2_000);
    await delay(100);
    give?.();
    await delay(100);
    await expect
      .poll(() => {
        vi.advanceTimersByTime(2_000);
        return String(credentials?.context.cert);
      })
      .toBe(`${first}third`);
  });
});
