// An app in small, of the compiled logger that LOGGER names, that logs so many lines, says on standard error that it is alive, and logs as many again: at its end, or 1.5 s before it.
import { setTimeout as sleep } from 'node:timers/promises';

const { createLogger } = await import(process.env.LOGGER);
const logger = createLogger({ app: 'fixture' });
const [lines, padding] = process.argv.slice(2).map(Number);
const exitsAtOnce = process.argv[4] === 'exits';
const write = (from) => {
  for (let n = from; n < from + lines; n += 1) logger.info({ n, padding: 'x'.repeat(padding) }, 'a line');
};
write(0);
await sleep(100);
process.stderr.write('alive\n');
write(lines);
await sleep(exitsAtOnce ? 0 : 1_500);
process.exit(0);
