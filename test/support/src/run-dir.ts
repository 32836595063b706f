import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStartTime } from '@milepost/backing-services';
import { endRecordedProcesses } from './recorded-processes.js';

export const RUN_DIR_PREFIX = 'milepost-test-';

interface Owner {
  pid: number;
  startTime: string | undefined;
}

/** Says whose the folder is: who finds it without a living owner may clear it away. */
export function claimRunDir(runDir: string): void {
  const owner: Owner = { pid: process.pid, startTime: processStartTime(process.pid) };
  writeFileSync(join(runDir, 'owner.json'), JSON.stringify(owner));
}

/** Ends the processes and removes the folders of runs that were killed before they could do it. */
export function removeAbandonedRuns(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(RUN_DIR_PREFIX))) {
    const runDir = join(tmpdir(), name);
    const owner = ownerOf(runDir);
    if (owner === undefined || processStartTime(owner.pid) === owner.startTime) continue;
    endRecordedProcesses(runDir);
    rmSync(runDir, { recursive: true, force: true });
  }
}

function ownerOf(runDir: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(runDir, 'owner.json'), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}
