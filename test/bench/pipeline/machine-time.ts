import { readFileSync } from 'node:fs';

/** What became of the time of all cores between two readings, as shares from 0 to 1. */
export interface MachineTime {
  /** In which something ran here. */
  used: number;
  /** In which something was ready to run and the host ran another guest instead; always 0 on a machine of its own. */
  stolen: number;
}

/** Counts from now on; the function that is returned says what the time since then was used for. */
export function startMachineTime(): () => MachineTime {
  const before = readTicks();
  return () => machineTimeBetween(before, readTicks());
}

/** The numbers of the first line of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal, then what guests had, which is in user and nice too. */
export function machineTimeBetween(before: readonly number[], after: readonly number[]): MachineTime {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = after.map(
    (ticks, index) => ticks - (before[index] ?? 0),
  );
  const used = user + nice + system + irq + softirq;
  const all = used + idle + iowait + steal;
  return all === 0 ? { used: 0, stolen: 0 } : { used: used / all, stolen: steal / all };
}

function readTicks(): number[] {
  return (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
}
