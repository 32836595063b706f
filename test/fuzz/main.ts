// `npm run fuzz -- --seconds N [--inputs N] [--connections N] [--seed S] [--target decoder|broker|both] [--port P]`
import { runBroker } from './broker-run.js';
import { runDecoder } from './decoder-run.js';
import { parseOptions } from './options.js';
import { printed, type Report } from './report.js';

const options = parseOptions(process.argv.slice(2));
process.stdout.write(`seed ${options.seed}\n`);
const reports: Report[] = [];
if (options.target !== 'broker') reports.push(await runDecoder(options));
if (options.target !== 'decoder') reports.push(await runBroker(options));
for (const report of reports) process.stdout.write(printed(report));
process.exitCode = reports.some(({ failures }) => failures.length > 0) ? 1 : 0;
