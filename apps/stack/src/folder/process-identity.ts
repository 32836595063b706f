import { processStartTime } from '@milepost/backing-services';

/** A pid alone may have gone to somebody else since: only together with its start time does it name a process. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = processStartTime(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.startedAt;
}

/** SIGTERM, then SIGKILL when the time is over. True when it was alive. */
export async function endProcess(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  if (!isAlive(identity)) return false;
  signal(identity.pid, 'SIGTERM');
  const deadline = performance.now() + timeoutMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) signal(identity.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}
