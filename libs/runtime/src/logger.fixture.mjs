// An app in small, from its source, that logs so many lines, says on standard error that it is alive, and logs as many again: at its end, or 1.5 s before it.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('./logger.ts', import.meta.url)), { configFile: false, logLevel: 'silent' });
const logger = module.createLogger({ app: 'fixture' });
const [lines, padding] = process.argv.slice(2).map(Number);
const exitsAtOnce = process.argv[4] === 'exits';
const write = (from) => {
  for (let n = from; n < from + lines; n += 1) logger.info({ n, padding: 'x'.repeat(padding) }, 'a line');
};
write(0);
await sleep(100);
process.stderr.write('alive\n');
write(lines);
// What has compiled this would keep it alive.
await sleep(exitsAtOnce ? 0 : 1_500);
process.exit(0);
