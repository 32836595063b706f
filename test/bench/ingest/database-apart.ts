import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { treeOf } from '../pipeline/process-usage.js';

/**
 * Gives Postgres the last core to itself and everything else of this run the others, as if the database were a machine of its own. What is
 * started later is where its parent is (sched_setaffinity(2)).
 */
export function setDatabaseApart(processes: readonly { name: string; pid: number }[]): void {
  const last = availableParallelism() - 1;
  if (last < 1) throw new Error('--database-apart needs two cores or more');
  const others = last === 1 ? '0' : `0-${last - 1}`;
  pin(process.pid, others);
  for (const { name, pid } of processes) for (const id of treeOf(pid)) pin(id, name === 'postgres' ? String(last) : others);
}

/** All threads of a process. */
function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)], { stdio: 'ignore' });
}
