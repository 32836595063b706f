import { type Authority, type EarlierFiles, earlierVehicleFiles, issueCertificate, openAuthority, writeVehicleFiles } from '@milepost/pki';
import { Command } from 'commander';
import { forwards, organisation as organisationOf, time, uri } from '../../arguments/options.js';
import { CliError } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  out: string;
  pki?: string;
  organisation?: string;
  notBefore?: Date;
  notAfter?: Date;
  uri?: string;
  force?: true;
}

export const pkiIssue = (installation: Installation): Command =>
  new Command('issue')
    .description('issue a vehicle its certificate: writes DIR/VEHICLE.crt, DIR/VEHICLE.key and DIR/ca.crt, and prints the three names')
    .argument('<vehicle>', 'vehicle id: 1 to 64 letters, digits, dots, underscores, hyphens')
    .requiredOption('--out <dir>', 'folder to write to; made if it is not there')
    .option('--organisation <name>', 'organisation (O) of the vehicle (default: default)', organisationOf)
    .option('--not-before <time>', 'start of validity, RFC 3339 or like -1h, +30d from now (default: five minutes ago)', time)
    .option('--not-after <time>', 'end of validity, like 30d (default: a year after the start)', forwards)
    .option('--uri <uri>', 'URI for the subject alternative name, for authorities that name vehicles there', uri)
    .option('--force', 'replace the files of an earlier certificate; its key, which is nowhere else, is gone')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .action(async (vehicleId: string, { out, pki = installation.pkiFolder, force, ...request }: Options) => {
      const authority = await openAuthority(pki);
      const earlier = await earlierVehicleFiles(authority, out, vehicleId);
      if (earlier !== undefined && !force) {
        throw new CliError(
          `There is an earlier certificate of ${vehicleId}: ${earlier.files.join(', ')}. Write to another folder with --out; or replace it with --force: then its key is gone.${whatOf(earlier, authority)}`,
        );
      }
      const issued = await issueCertificate(authority, { vehicleId, ...request });
      const files = await writeVehicleFiles(out, authority, issued);
      for (const file of [files.certificateFile, files.keyFile, files.caFile]) print(file);
      const validity = `${issued.notBefore.toISOString()} to ${issued.notAfter.toISOString()}`;
      note(
        `Issued ${issued.vehicleId} of organisation ${issued.organisation} a certificate, valid ${validity}, serial number ${issued.serial}.`,
      );
      if (earlier !== undefined) note(`Replaced ${earlier.files.join(', ')}.${whatOf(earlier, authority)}`);
    });

/** A certificate lasts though its files do not. */
function whatOf({ certificate }: EarlierFiles, { folder }: Authority): string {
  if (certificate === undefined) return '';
  const { serial, notAfter, standing } = certificate;
  if (standing === 'foreign') {
    return ` The earlier certificate was issued by another authority than the one in ${folder}: brokers that trust this one alone let nobody in with it.`;
  }
  if (standing === 'revoked') return ' The earlier certificate is revoked already.';
  if (notAfter.getTime() <= Date.now()) return ` The earlier certificate ended at ${notAfter.toISOString()}.`;
  return ` The earlier certificate stays valid until ${notAfter.toISOString()} for whoever has its key; \`npx milepost pki revoke --serial ${serial}\` ends it.`;
}
