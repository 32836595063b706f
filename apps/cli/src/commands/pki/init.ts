import { createAuthority, ensureServerCertificate } from '@milepost/pki';
import { Command } from 'commander';
import { each, host as hostOf, name as nameOf, organisation as organisationOf } from '../../arguments/options.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  pki?: string;
  name: string;
  organisations?: string[];
  host?: string[];
}

export const pkiInit = (installation: Installation): Command =>
  new Command('init')
    .description('make a certificate authority and a server certificate, for development or a small installation')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .option('--name <name>', 'name of the authority in trusted-cas.json', nameOf, 'development')
    .option('--organisations <names...>', 'organisations that it may speak for (default: *, all)', each(organisationOf))
    .option('--host <host...>', 'further host names and addresses of the broker', each(hostOf))
    .action(async ({ pki = installation.pkiFolder, name, organisations = ['*'], host = [] }: Options) => {
      const authority = await createAuthority(pki, { name, organisations });
      await ensureServerCertificate(authority, host);
      note(
        `Made a certificate authority in ${authority.folder}: ca.crt, ca.key (keep it secret), ca.crl, server.crt, server.key, trusted-cas.json.`,
      );
      note('Issue a vehicle its certificate with `npx milepost pki issue VEHICLE --out DIR`.');
    });
