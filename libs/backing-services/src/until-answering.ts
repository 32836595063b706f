import { setTimeout as delay } from 'node:timers/promises';
import { BackingServiceError } from './backing-service-error.js';
import type { ServiceProcess } from './service-process.js';
import { howToMend } from './service-record.js';

const PAUSE_MS = 100;

/** Waits until the service answers. @throws BackingServiceError with the service's last words when it ends or stays silent. */
export async function untilAnswering(
  service: ServiceProcess,
  folder: string,
  timeoutMs: number,
  probe: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await probe();
      return;
    } catch (cause) {
      if (service.ended === undefined && performance.now() < deadline) {
        await delay(PAUSE_MS);
        continue;
      }
      const what = service.ended === undefined ? `does not answer after ${timeoutMs / 1000} s` : `ended by itself (${service.ended})`;
      const said = service.lastLines();
      throw new BackingServiceError(
        'folder_damaged',
        `The embedded ${service.name} in ${folder} ${what}. It said last:\n${said}\nIf that speaks of damaged files: ${howToMend(folder)}`,
        { cause },
      );
    }
  }
}
