// `npm run fuzz`: mutated streams against the decoder and a broker.
import { runBroker } from './broker-run.js';
import { runDecoder } from './decoder-run.js';
import { type FuzzOptions, parseOptions, usage } from './options.js';
import { printed, type Report } from './report.js';

const options = parseOptions(process.argv.slice(2));
if (options === 'help') process.stdout.write(usage);
else await fuzz(options);

async function fuzz(options: FuzzOptions): Promise<void> {
  const { seed, target } = options;
  process.stdout.write(`seed ${seed}\n`);
  const reports: Report[] = [];
  if (target !== 'broker') reports.push(await runDecoder(options));
  if (target !== 'decoder') reports.push(await runBroker(options));
  for (const report of reports) process.stdout.write(printed(report));
  process.exitCode = reports.some(({ failures }) => failures.length > 0) ? 1 : 0;
}
