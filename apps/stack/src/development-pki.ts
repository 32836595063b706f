import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureAuthority, ensureServerCertificate } from '@milepost/pki';
import type { DataFolder } from './data-folder.js';

export interface DevelopmentPki {
  folder: string;
  caFile: string;
  /** A shell command line; `VEHICLE --out DIR` and options are appended to it. */
  issueCommand: string;
}

const cliScript = fileURLToPath(new URL('../../cli/bin/milepost.js', import.meta.url));

/** A certificate authority that may speak for any organisation, and the broker's certificate for this machine. Both are kept between starts. */
export async function prepareDevelopmentPki(folder: DataFolder): Promise<DevelopmentPki> {
  const pki = folder.file('pki');
  await ensureServerCertificate(await ensureAuthority(pki), [hostname()]);
  return {
    folder: pki,
    caFile: folder.file('pki', 'ca.crt'),
    issueCommand: [process.execPath, cliScript, 'pki', 'issue', '--pki', pki].map(shellWord).join(' '),
  };
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
