import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureAuthority, ensureServerCertificate, ensureVehicleFiles, type VehicleFiles } from '@milepost/pki';
import { namesOf } from '../addresses/reachable.js';
import { shellWord } from '../banner/shell-word.js';
import type { DataFolder } from '../folder/data-folder.js';

export interface DevelopmentPki {
  folder: string;
  caFile: string;
  /** What the canary connects with. */
  canary: VehicleFiles;
  /** A shell command line; `VEHICLE --out DIR` and options are appended to it. */
  issueCommand: string;
}

const cliScript = fileURLToPath(new URL('../../../cli/bin/milepost.js', import.meta.url));

/** The vehicle of the installation's own. */
export const canaryVehicle = 'milepost-canary';

/**
 * A certificate authority that may speak for any organisation, and the broker's certificate for this machine. Both are kept between starts.
 * @param mqttHost what the broker listens on
 */
export async function prepareDevelopmentPki(folder: DataFolder, mqttHost: string): Promise<DevelopmentPki> {
  const pki = folder.file('pki');
  const authority = await ensureAuthority(pki);
  await ensureServerCertificate(authority, [hostname(), ...namesOf(mqttHost)]);
  const [canary] = await ensureVehicleFiles(folder.file('pki', 'vehicles'), authority, [{ vehicleId: canaryVehicle }]);
  if (canary === undefined) throw new Error('unreachable: one request, one set of files');
  return {
    folder: pki,
    caFile: folder.file('pki', 'ca.crt'),
    canary,
    // Scripts issue again into the same folder.
    issueCommand: [process.execPath, cliScript, 'pki', 'issue', '--pki', pki, '--force'].map(shellWord).join(' '),
  };
}
