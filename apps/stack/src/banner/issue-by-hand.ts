import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from './shell-word.js';

export const workspaceFolder = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Standpoint {
  /** Where the user called us from. */
  standsIn: string;
  dataFolder: string;
  /** For scripts: it works from any folder. */
  issueCommand: string;
  /** The checkout that `npx` has to be called in. */
  workspace?: string;
}

/**
 * The command that issues a certificate, as somebody types it: `npx milepost …` from within the checkout, else with every path.
 * It never replaces a key that is there, as scripts want it to.
 */
export function issueByHand({ standsIn, dataFolder, issueCommand, workspace = workspaceFolder }: Standpoint): string {
  if (!isWithin(workspace, standsIn)) return issueCommand.replace(/ --force$/, '');
  const pki = dataFolder === resolve(workspace, '.milepost') ? '' : ` --pki ${shellWord(resolve(dataFolder, 'pki'))}`;
  return `npx milepost pki issue${pki}`;
}

/** Where `npx` finds the milepost of the checkout. */
export function isWithin(workspace: string, folder: string): boolean {
  const way = relative(workspace, folder);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
