import { issueCertificate, openAuthority, vehicleFiles, writeVehicleFiles } from '@milepost/pki';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { time } from '../../options.js';
import { note, print } from '../../output.js';

interface Options {
  out: string;
  pki?: string;
  organisation?: string;
  notBefore?: Date;
  notAfter?: Date;
  uri?: string;
}

export const pkiIssue = (installation: Installation): Command =>
  new Command('issue')
    .description('issue a vehicle its certificate: writes DIR/VEHICLE.crt, DIR/VEHICLE.key and DIR/ca.crt, and prints the three names')
    .argument('<vehicle>', 'vehicle id: 1 to 64 letters, digits, dots, underscores, hyphens')
    .requiredOption('--out <dir>', 'folder to write to; made if it is not there')
    .option('--organisation <name>', 'organisation (O) of the vehicle (default: default)')
    .option('--not-before <time>', 'start of validity, RFC 3339 or like -1h, +30d (default: five minutes ago)', time)
    .option('--not-after <time>', 'end of validity (default: a year after the start)', time)
    .option('--uri <uri>', 'URI for the subject alternative name, for authorities that name vehicles there')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .action(async (vehicleId: string, { out, pki = installation.pkiFolder, ...request }: Options) => {
      vehicleFiles(out, vehicleId);
      const authority = await openAuthority(pki);
      const issued = await issueCertificate(authority, { vehicleId, ...request });
      const files = await writeVehicleFiles(out, authority, issued);
      for (const file of [files.certificateFile, files.keyFile, files.caFile]) print(file);
      const validity = `${issued.notBefore.toISOString()} to ${issued.notAfter.toISOString()}`;
      note(
        `Issued ${issued.vehicleId} of organisation ${issued.organisation} a certificate, valid ${validity}, serial number ${issued.serial}.`,
      );
    });
