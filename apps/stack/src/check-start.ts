import { parseConfig } from '@milepost/runtime';
import { configSchema, type StackConfig } from './config.js';
import { parseOptions, type StackOptions } from './options.js';
import { requireDistinctPorts, requireReadable } from './preflight.js';

/** What `npm start` is to do, as far as it makes sense before anything is started. */
export interface CheckedStart {
  options: StackOptions;
  config: StackConfig;
}

/**
 * Everything that can be wrong with the command line and the environment. `scripts/start.mjs` asks it from the source, before a build of
 * minutes; main.ts asks again. Does no I/O but a look at the file of --replay.
 * @throws Error with a sentence for the user.
 */
export function checkStart(args: string[], environment: NodeJS.ProcessEnv): CheckedStart | 'help' {
  const options = parseOptions(args);
  if (options === 'help') return 'help';
  const config = parseConfig(configSchema, environment);
  if (options.replay !== undefined) requireReadable(options.replay.file);
  requireDistinctPorts(config);
  return { options, config };
}
