import { parseAllowList } from '@milepost/outbound';
import { parseConfig } from '@milepost/runtime';
import { requireServiceAddresses } from './addresses/service-addresses.js';
import { configSchema, type StackConfig } from './config.js';
import { DataFolder } from './folder/data-folder.js';
import { RunningFile } from './folder/running-file.js';
import { parseOptions, type StackOptions } from './options.js';
import { requireDistinctPorts, requireDrive, requireFolder, requireFolderForKafka } from './preflight.js';

/** What `npm start` is to do, as far as it makes sense before anything is started. */
export interface CheckedStart {
  options: StackOptions;
  config: StackConfig;
}

/**
 * Everything that can be wrong with the command line and the environment. `scripts/start.mjs` asks it from the source, before a build of
 * minutes; main.ts asks again. Does no I/O but to read the file of --replay, and to see
 * whether the data folder is there or can be made, is ours, and no stack runs with it.
 * @throws UsageError, Error with a sentence for the user.
 */
export function checkStart(args: string[], environment: NodeJS.ProcessEnv = process.env): CheckedStart | 'help' {
  const options = parseOptions(args);
  if (options === 'help') return 'help';
  const config = parseConfig(configSchema, environment);
  parseAllowList(config.WEBHOOK_ALLOW);
  requireServiceAddresses(environment);
  requireDistinctPorts(config);
  requireFolder(config.MILEPOST_DATA_DIR);
  requireFolderForKafka(config.MILEPOST_DATA_DIR, environment);
  new RunningFile(DataFolder.look(config.MILEPOST_DATA_DIR, options)).requireNone(options);
  if (options.replay !== undefined) requireDrive(options.replay.file);
  return { options, config };
}
