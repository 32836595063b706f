import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type SecureVersion, type Server, type TlsOptions } from 'node:tls';
import { createAuthority, issueCertificate, issueServerCertificate } from '@milepost/pki';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tryHandshake } from './try-handshake.js';

let folder: string;
let own: TlsOptions;
let vehicle: { certificate: string; key: string; ca: string };
let server: Server | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-handshake-'));
  const authority = await createAuthority(folder);
  const { certificateFile, keyFile } = await issueServerCertificate(authority);
  own = { cert: await readFile(certificateFile), key: await readFile(keyFile), ca: authority.certificatePem };
  const issued = await issueCertificate(authority, { vehicleId: 'truck-1' });
  vehicle = { certificate: issued.certificatePem, key: issued.privateKeyPem, ca: authority.certificatePem };
});
afterEach(() => server?.close());
afterAll(() => rm(folder, { recursive: true }));

async function tryAt(options: TlsOptions) {
  const listening = createServer({ ...own, ...options }, (socket) => socket.on('error', () => undefined));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return tryHandshake({ host: '127.0.0.1', port: (listening.address() as AddressInfo).port, ...vehicle, foundWrong: [] });
}

describe.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('a handshake in %s', (version) => {
  test('is fine at a door that asks for the certificate and keeps the connection', async () => {
    expect(await tryAt({ maxVersion: version, requestCert: true })).toMatchObject({
      ok: true,
      detail: `the broker accepted the certificate (${version})`,
    });
  });

  test('is wrong at a door that asks for no certificate, as that of users with a password', async () => {
    expect(await tryAt({ maxVersion: version })).toMatchObject({
      ok: false,
      detail: `it asks for no certificate (${version}): no vehicle gets in there`,
      mend: expect.stringContaining('8883'),
    });
  });
});

describe('a handshake that fails is told in words, without the source lines of OpenSSL', () => {
  test('where no TLS is spoken', async () => {
    const plain = createTcpServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const finding = await tryHandshake({ host: '127.0.0.1', port, ...vehicle, foundWrong: [] });
    plain.close();
    expect(finding).toMatchObject({ ok: false, detail: expect.stringMatching(/^[a-z ]+ \(ERR_SSL_\w+\)$/) });
  });

  test('where the files cannot be used', async () => {
    const swapped = { ...vehicle, certificate: vehicle.key };
    const finding = await tryHandshake({ host: '127.0.0.1', port: 1, ...swapped, foundWrong: ['Certificate'] });
    expect(finding).toMatchObject({ ok: false, detail: 'it could not begin: no start line (ERR_OSSL_PEM_NO_START_LINE)' });
  });

  test('where nobody listens', async () => {
    const finding = await tryHandshake({ host: '127.0.0.1', port: 1, ...vehicle, foundWrong: [] });
    expect(finding).toMatchObject({ ok: false, detail: 'connect ECONNREFUSED 127.0.0.1:1' });
  });
});
