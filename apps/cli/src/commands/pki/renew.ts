import { ensureAuthority, ensureServerCertificate, openAuthority, serverHosts } from '@milepost/pki';
import { Command } from 'commander';
import { each, host as hostOf } from '../../arguments/options.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  pki?: string;
  host?: string[];
}

export const pkiRenew = (installation: Installation): Command =>
  new Command('renew')
    .description(
      "renew what is due: the broker's certificate in its last 30 days, the revocation list in the second half of its 30; a broker that runs reads both by itself",
    )
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .option('--host <host...>', 'further host names and addresses of the broker, beside those that its certificate holds', each(hostOf))
    .action(async ({ pki = installation.pkiFolder, host = [] }: Options) => {
      // One that is not there is not to be made.
      await openAuthority(pki);
      const authority = await ensureAuthority(pki);
      const { certificateFile, notAfter } = await ensureServerCertificate(authority, [...(await serverHosts(authority)), ...host]);
      note(`${certificateFile} is valid until ${notAfter.toISOString()}, for ${(await serverHosts(authority)).join(', ')}.`);
      note(`${authority.files.crl} is in time.`);
    });
