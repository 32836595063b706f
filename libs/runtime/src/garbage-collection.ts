import { setFlagsFromString } from 'node:v8';

/**
 * For the start of a process through which every message goes: V8 collects the whole heap first when it has grown to so many MiB, where it would
 * at some 45 by itself, each few seconds while messages come (decision 0034). What it costs is memory, up to as much. Node takes it on the
 * command line alone.
 */
export const FEW_FULL_COLLECTIONS = '--initial-old-space-size=96';

/** Through which every message goes. */
const BUSY_APPS: readonly string[] = ['broker', 'ingest'];

/** What Node is told on the command line that starts an app. */
export function nodeFlagsOf(app: string): string[] {
  return BUSY_APPS.includes(app) ? [FEW_FULL_COLLECTIONS] : [];
}

/** V8 then never makes objects in old space because the first ones of their place in the code have outlived a collection or two. */
export const NO_PRETENURING = '--no-allocation-site-pretenuring';

/**
 * For processes whose objects live as long as a message takes. At the start, while clients connect and caches fill, what is made outlives
 * collections; V8 draws the conclusion for good, makes what comes later at the same places in old space, and has to mark the whole heap
 * each few seconds to be rid of it, which stops messages for up to 0.1 s (decision 0034). Called before the
 * work begins.
 */
export function keepObjectsYoung(): void {
  setFlagsFromString(NO_PRETENURING);
}
