import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueServerCertificate, loadTrust, type Trust } from '@milepost/pki';
import { createLogger, createMetrics } from '@milepost/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerCredentials } from './listener/server-credentials.js';
import { BrokerMetrics } from './metrics.js';
import { showTrustInMetrics } from './trust-gauges.js';

const logger = createLogger({ app: 'test', level: 'silent' });
let folder: string;
let trust: Trust | undefined;
let credentials: ServerCredentials | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-trust-gauges-'));
});
afterEach(async () => {
  credentials?.close();
  trust?.close();
  await rm(folder, { recursive: true });
});

it('the ends of the certificate, of each CA and of each revocation list are told before they come, and what is wrong by now', async () => {
  const authority = await createAuthority(folder, { name: 'ours' });
  const server = await issueServerCertificate(authority);
  const loaded = await loadTrust(authority.files.trust);
  trust = loaded;
  credentials = await ServerCredentials.load({ ...server, trust, logger, onChange: () => undefined });
  const metrics = new BrokerMetrics(createMetrics('broker'));
  let problems: ReturnType<Trust['problems']> = [];
  showTrustInMetrics({ metrics, trust: { authorities: loaded.authorities, problems: () => problems }, credentials });

  const seconds = (time: Date | undefined) => Math.floor((time?.getTime() ?? Number.NaN) / 1000);
  const [ours] = loaded.authorities();
  const labels = { authority: 'ours' };
  expect(await metrics.read({ name: 'certificate_expiry_timestamp_seconds' })).toBe(seconds(server.notAfter));
  expect(await metrics.read({ name: 'authority_expiry_timestamp_seconds', labels })).toBe(seconds(ours?.notAfter));
  expect(await metrics.read({ name: 'revocation_list_expiry_timestamp_seconds', labels })).toBe(seconds(ours?.revoked?.nextUpdate));
  expect(await metrics.read({ name: 'trust_problems' })).toBe(0);
  problems = [{ code: 'crl_expired', authority: 'ours', message: 'it expired' }];
  expect(await metrics.read({ name: 'trust_problems' })).toBe(1);
});
