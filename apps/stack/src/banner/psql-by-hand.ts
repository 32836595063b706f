import { resolve } from 'node:path';
import { isWithin, type Standpoint, workspaceFolder } from './issue-by-hand.js';
import { shellWord } from './shell-word.js';

/** The command that opens psql as the owner, as somebody types it; the password comes from stack.json and is not shown. */
export function psqlByHand({ standsIn, dataFolder, workspace = workspaceFolder }: Standpoint): string {
  const way = isWithin(workspace, standsIn) ? 'npx milepost' : `node ${shellWord(resolve(workspace, 'apps/cli/bin/milepost.js'))}`;
  const folder = dataFolder === resolve(workspace, '.milepost') ? '' : `MILEPOST_DATA_DIR=${shellWord(dataFolder)} `;
  return `psql "$(${folder}${way} stack databaseUrl)"`;
}
