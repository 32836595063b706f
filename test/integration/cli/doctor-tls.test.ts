import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vehicleFiles, writeVehicleFiles } from '@milepost/pki';
import { choosePort, type TestPki, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.js';

describe('npx milepost doctor tls', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let strangers: TestPki;
  let port: string;

  beforeAll(async () => {
    const [kafka, own, other] = await Promise.all([scope.topics(), scope.pki({ organisations: ['default'] }), scope.pki()]);
    [pki, strangers] = [own, other];
    const broker = await scope.app('broker', { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'node-d' });
    port = String((await broker.waitForLog('broker.listening')).port);
  });

  const diagnose = async (vehicleId: string, request: Parameters<TestPki['issue']>[1] = {}, { from = pki, at = port } = {}) => {
    const folder = join(pki.dir, 'vehicles');
    await writeVehicleFiles(folder, pki.authority, await from.issue(vehicleId, request));
    return examine(folder, vehicleId, at);
  };
  const examine = (folder: string, vehicleId: string, at = port, environment: Record<string, string> = {}) => {
    const { certificateFile, keyFile, caFile } = vehicleFiles(folder, vehicleId);
    const files = ['--cert', certificateFile, '--key', keyFile, '--ca', caFile, '--trust', pki.authority.files.trust];
    return runCli(['doctor', 'tls', ...files, '--host', '127.0.0.1', '--port', at], environment);
  };

  test('finds nothing wrong with a vehicle that the broker lets in', async () => {
    const result = await diagnose('good');
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('the broker accepted the certificate (TLSv1.3)') });
    expect(result.stdout).not.toContain('fail');
  });

  test.each([
    ['expired', { notAfter: new Date(Date.now() - 3_600_000) }],
    ['not_yet_valid', { notBefore: new Date(Date.now() + 3_600_000) }],
    ['organisation_not_allowed', { organisation: 'acme' }],
  ])('says %s, and that the broker closed the connection', async (reason, request) => {
    const { code, stdout } = await diagnose(reason, request);
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`fail  Identity: ${reason}[\\s\\S]*fail  Handshake .*: the broker closed the connection`));
  });

  test('says unknown_ca for a certificate of another CA', async () => {
    const { code, stdout } = await diagnose('stranger', {}, { from: strangers });
    expect(code).toBe(1);
    expect(stdout).toMatch(/Identity: unknown_ca[\s\S]*the broker closed the connection/);
  });

  test('points at the key when it is not that of the certificate, and at what it found wrong with the certificate', async () => {
    const folder = join(pki.dir, 'vehicles');
    await writeVehicleFiles(folder, pki.authority, await pki.issue('mixed'));
    // Of another kind than the certificate's: OpenSSL then begins without any certificate.
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    await writeFile(vehicleFiles(folder, 'mixed').keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { code, stdout } = await examine(folder, 'mixed');
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail {2}Key: [\s\S]*fail {2}Handshake [\s\S]*See "Key" above/);
    expect((await diagnose('late', { notAfter: new Date(Date.now() - 3_600_000) })).stdout).toContain('See "Identity" above');
  });

  test('says revoked within seconds of the revocation, as the broker does', async () => {
    const folder = join(pki.dir, 'vehicles');
    const issued = await pki.issue('revoked');
    await writeVehicleFiles(folder, pki.authority, issued);
    expect(await examine(folder, 'revoked')).toMatchObject({ code: 0 });
    await pki.revoke(issued.serial);
    const revokedAt = Date.now();
    for (;;) {
      const { code, stdout } = await examine(folder, 'revoked');
      expect(stdout).toContain('Identity: revoked');
      expect(code).toBe(1);
      if (stdout.includes('the broker closed the connection')) break;
      expect(Date.now() - revokedAt).toBeLessThan(5_000);
    }
  });

  test('names the option, the file and what to do when a file is not there', async () => {
    const { code, stderr } = await runCli(['doctor', 'tls', '--cert', 'no-file.crt', '--key', 'no-file.key', '--ca', 'no-ca.crt']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--cert: no-file\.crt cannot be read: there is no such file; check the path/);
  });

  test('needs no stack.json where the broker is named', async () => {
    const folder = join(pki.dir, 'vehicles');
    await writeVehicleFiles(folder, pki.authority, await pki.issue('damaged'));
    await writeFile(join(pki.dir, 'stack.json'), '{');
    expect(await examine(folder, 'damaged', port, { MILEPOST_DATA_DIR: pki.dir })).toMatchObject({ code: 0 });
  });

  test('says when nothing listens there', async () => {
    const { code, stdout } = await diagnose('alone', {}, { at: String(await choosePort()) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/ok {4}Identity[\s\S]*ECONNREFUSED[\s\S]*Nothing listens there/);
  });
});
