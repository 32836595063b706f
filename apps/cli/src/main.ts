import { AccessError } from '@milepost/access';
import { FileLockedError } from '@milepost/files';
import { PkiError } from '@milepost/pki';
import { ConfigError } from '@milepost/runtime';
import { CommanderError } from 'commander';
import { fileFault } from './arguments/file-fault.js';
import { CliError, exitCodes } from './cli-error.js';
import { note, outliveReaders } from './output.js';
import { databaseRefusal } from './reaching/database-refusal.js';

const usageFaults = new Set<string>(['bad_vehicle_id', 'bad_validity', 'bad_user_name', 'bad_organisation']);
const networkFaults = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNRESET']);

outliveReaders();
try {
  // Only now: a file of milepost that is missing is missed as the commands are loaded, and said as any fault is.
  const [{ createProgram }, { Installation }] = await Promise.all([import('./program.js'), import('./reaching/installation.js')]);
  await createProgram(new Installation(process.env, process.cwd())).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong; a bug keeps its stack trace. @returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode; // Commander has said it
  if (error instanceof CliError) {
    note(`milepost: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof PkiError || error instanceof AccessError || error instanceof FileLockedError || error instanceof ConfigError) {
    note(`milepost: ${error.message}`);
    return usageFaults.has(error.code) ? exitCodes.usage : exitCodes.failed;
  }
  const fault = fileFault(error);
  if (fault !== undefined) {
    note(`milepost: ${fault}`);
    return exitCodes.failed;
  }
  const refusal = databaseRefusal(error);
  if (refusal !== undefined) {
    note(`milepost: ${refusal}`);
    return exitCodes.failed;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== undefined && (networkFaults.has(code) || /^[0-9A-Z]{5}$/.test(code))) {
    const what = message || code;
    note(`milepost: ${what}. Run \`npx milepost doctor\` to see what is reachable and what is not.`);
    return exitCodes.failed;
  }
  note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodes.failed;
}
