import { authorityFiles, openAuthority, revoke } from '@milepost/pki';
import { Command } from 'commander';
import { CliError, exitCodes } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { isCertificateFile, serialInFile } from './serial-in-file.js';

interface Options {
  pki?: string;
  serial?: string;
}

export const pkiRevoke = (installation: Installation): Command =>
  new Command('revoke')
    .description(
      'revoke all certificates of a vehicle (or one, by its file or serial number): it is out within 5 s; prints the serial numbers',
    )
    .argument('[vehicle]', 'vehicle id, or the file of one certificate (a path, or a name that ends in .crt, .pem or .cer)')
    .option('--serial <hex>', 'revoke this serial number instead')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .action(async (name: string | undefined, { pki = installation.pkiFolder, serial }: Options) => {
      if ((name === undefined) === (serial === undefined))
        throw new CliError('Name either a vehicle, the file of a certificate or --serial.', exitCodes.usage);
      if (serial !== undefined && !/^[0-9a-f:]{1,60}$/i.test(serial)) {
        throw new CliError(
          `--serial "${serial}" is no serial number: give it in hexadecimal, as \`npx milepost pki issue\` printed it. ${authorityFiles(pki).issued} lists them.`,
          exitCodes.usage,
        );
      }
      const authority = await openAuthority(pki);
      const one = name !== undefined && isCertificateFile(name) ? await serialInFile(name, authority) : serial;
      const { serials, added, unknown } = await revoke(authority, one === undefined ? { vehicleId: name ?? '' } : { serial: one });
      for (const revoked of serials) print(revoked);
      const them = serials.length === 1 ? 'it' : `these ${serials.length}`;
      if (unknown.length > 0) {
        note(
          `${authority.files.issued} lists no vehicle certificate with the serial number ${unknown.join(', ')}. If this authority never issued it, revoking it changes nothing: check the number and --pki.`,
        );
      }
      if (added.length === 0) {
        note(`Nothing was left to revoke: ${authority.files.crl} listed ${them} before.`);
        return;
      }
      const idle = pki === installation.pkiFolder && !installation.stackRuns;
      note(
        `Revoked: ${authority.files.crl} lists ${them} now. Brokers that trust this authority read it by themselves${
          idle ? `; none runs with ${installation.dataFolder} now` : ''
        }.`,
      );
    });
