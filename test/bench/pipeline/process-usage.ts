import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of proc(5); 100 on every Linux that Node supports. */
const ticksPerSecond = 100;
const pageBytes = 4_096;

export interface ProcessUsage {
  cpuSeconds: number;
  residentBytes: number;
}

/** CPU and memory of a process and all its descendants, those that have ended and were waited for included. */
export function usageOfTree(pid: number): ProcessUsage {
  const usage: ProcessUsage = { cpuSeconds: 0, residentBytes: 0 };
  for (const id of treeOf(pid)) {
    const fields = statFields(id);
    if (fields === undefined) continue;
    // Fields of proc(5) counted from 3 (state): utime 14, stime 15, cutime 16, cstime 17, rss 24.
    usage.cpuSeconds += [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / ticksPerSecond;
    usage.residentBytes += Number(fields[21]) * pageBytes;
  }
  return usage;
}

/** A process and all its descendants. */
export function treeOf(pid: number): number[] {
  const children = childrenByParent();
  const withDescendants = (id: number): number[] => [id, ...(children.get(id) ?? []).flatMap(withDescendants)];
  return withDescendants(pid);
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(pid)?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
