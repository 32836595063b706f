import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStartTime } from '@milepost/backing-services';

const fileIn = (runDir: string) => join(runDir, 'processes.jsonl');

/** Remembers a process of this run, so that it is ended even when the test that started it is killed. */
export function recordProcess(runDir: string, pid: number): void {
  appendFileSync(fileIn(runDir), `${JSON.stringify({ pid, startTime: processStartTime(pid) })}\n`);
}

export async function endRecordedProcesses(runDir: string): Promise<void> {
  let lines: string[];
  try {
    lines = readFileSync(fileIn(runDir), 'utf8').trim().split('\n');
  } catch {
    return;
  }
  for (const line of lines) {
    const { pid, startTime } = JSON.parse(line) as { pid: number; startTime?: string };
    if (startTime !== undefined && processStartTime(pid) === startTime) process.kill(pid, 'SIGKILL');
  }
}
