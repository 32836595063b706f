import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStartTime } from '@milepost/backing-services';
import { treeOf } from './process-tree.js';

const fileIn = (runDir: string) => join(runDir, 'processes.jsonl');

/** Remembers a process of this run, so that it is ended even when the test that started it is killed. */
export function recordProcess(runDir: string, pid: number): void {
  appendFileSync(fileIn(runDir), `${JSON.stringify({ pid, startTime: processStartTime(pid) })}\n`);
}

/** With all that they have started: what a fault has stopped (SIGSTOP) does not notice that its parent is gone. */
export function endRecordedProcesses(runDir: string): void {
  let lines: string[];
  try {
    lines = readFileSync(fileIn(runDir), 'utf8').trim().split('\n');
  } catch {
    return;
  }
  for (const line of lines) {
    const { pid, startTime } = JSON.parse(line) as { pid: number; startTime?: string };
    if (startTime !== undefined && processStartTime(pid) === startTime) for (const one of treeOf(pid)) kill(one);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended between the look and the signal; the others are still to be ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
