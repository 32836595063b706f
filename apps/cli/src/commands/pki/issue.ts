import { type EarlierFiles, earlierVehicleFiles, issueCertificate, openAuthority, writeVehicleFiles } from '@milepost/pki';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { forwards, time, uri } from '../../options.js';
import { note, print } from '../../output.js';

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
    .option('--organisation <name>', 'organisation (O) of the vehicle (default: default)')
    .option('--not-before <time>', 'start of validity, RFC 3339 or like -1h, +30d from now (default: five minutes ago)', time)
    .option('--not-after <time>', 'end of validity, like 30d (default: a year after the start)', forwards)
    .option('--uri <uri>', 'URI for the subject alternative name, for authorities that name vehicles there', uri)
    .option('--force', 'replace the files of an earlier certificate; its key, which is nowhere else, is gone')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .action(async (vehicleId: string, { out, pki = installation.pkiFolder, force, ...request }: Options) => {
      const earlier = await earlierVehicleFiles(out, vehicleId);
      if (earlier !== undefined && !force) {
        throw new CliError(
          `There is an earlier certificate of ${vehicleId}: ${earlier.files.join(', ')}. Write to another folder with --out; or replace it with --force: then its key is gone.${stillValid(earlier)}`,
        );
      }
      const authority = await openAuthority(pki);
      const issued = await issueCertificate(authority, { vehicleId, ...request });
      const files = await writeVehicleFiles(out, authority, issued);
      for (const file of [files.certificateFile, files.keyFile, files.caFile]) print(file);
      const validity = `${issued.notBefore.toISOString()} to ${issued.notAfter.toISOString()}`;
      note(
        `Issued ${issued.vehicleId} of organisation ${issued.organisation} a certificate, valid ${validity}, serial number ${issued.serial}.`,
      );
      if (earlier !== undefined) note(`Replaced ${earlier.files.join(', ')}.${stillValid(earlier)}`);
    });

/** A certificate lasts though its files do not. */
function stillValid({ certificate }: EarlierFiles): string {
  if (certificate === undefined) return '';
  const { serial, notAfter } = certificate;
  return ` The earlier certificate stays valid until ${notAfter.toISOString()} for whoever has its key; \`npx milepost pki revoke --serial ${serial}\` ends it.`;
}
