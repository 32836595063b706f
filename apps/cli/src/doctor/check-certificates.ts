import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { authorityFiles, loadTrust, openAuthority } from '@milepost/pki';
import { examined, type Finding, fine, wrong } from './finding.js';

const soonMs = 30 * 86_400_000;

/** Whether the authority of the folder, its trust and the broker's certificate are whole and valid. */
export async function checkCertificates(folder: string): Promise<Finding[]> {
  const files = authorityFiles(folder);
  if (!existsSync(files.certificate) && !existsSync(files.key)) {
    const nobody = `there is none in ${resolve(folder)}`;
    return [wrong('Certificate authority', nobody, '`npm start` and `npx milepost pki init` make one; or name its folder with --pki.')];
  }
  const authority = await examined('Certificate authority', 'Restore the folder from a backup, or name another with --pki.', async () => {
    const { certificate } = await openAuthority(folder);
    const { mode } = await stat(files.key);
    const open = (mode & 0o077) !== 0;
    return [
      validity('Certificate authority', certificate, 'Make a new authority, and issue the vehicles new certificates.'),
      ...(open ? [wrong('Key of the authority', `${files.key} can be read by others`, `Run chmod 600 ${files.key}.`)] : []),
    ];
  });
  const trust = await examined('Trusted CAs', `Mend ${files.trust}; a running broker goes on with what it had.`, async () => {
    const loaded = await loadTrust(files.trust);
    loaded.close();
    const [problem] = loaded.problems();
    const names = loaded.authorities().map(({ name }) => name);
    if (problem)
      return wrong(
        'Trusted CAs',
        problem.message,
        'Publish a new revocation list; for the authority of this folder `npx milepost pki renew` does it.',
      );
    return fine('Trusted CAs', `${names.join(', ')}, with their revocation lists`);
  });
  const server = await examined(
    'Certificate of the broker',
    'Delete server.crt if it is there: `npx milepost pki renew` issues another.',
    async () =>
      validity(
        'Certificate of the broker',
        new X509Certificate(await readFile(files.serverCertificate)),
        '`npx milepost pki renew` issues another.',
      ),
  );
  return [...authority, ...trust, ...server];
}

function validity(subject: string, certificate: X509Certificate, mend: string): Finding {
  const [notBefore, notAfter] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const until = new Date(notAfter).toISOString();
  if (Date.now() < notBefore)
    return wrong(subject, `it is valid from ${new Date(notBefore).toISOString()}`, 'Check the clock of this machine.');
  if (Date.now() >= notAfter) return wrong(subject, `it expired at ${until}`, mend);
  return fine(subject, `valid until ${until}${notAfter - Date.now() < soonMs ? ', which is soon' : ''}`);
}
