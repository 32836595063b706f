import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Table } from '../table.js';
import type { Scenario } from './scenario.js';

const PER_READ = [1, 20] as const;
const processFile = fileURLToPath(new URL('../core-process.js', import.meta.url));

/** CPU a message of our broker without TLS, kernel and streams: what is ours to make less. */
export const core: Scenario = async ({ options: { seconds, rounds } }) => {
  const figures = new Map<number, CoreFigures[]>(PER_READ.map((perRead) => [perRead, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const perRead of PER_READ) {
      process.stderr.write(`bench: core, ${perRead} a read\n`);
      figures.get(perRead)?.push(await inProcess(perRead, seconds));
    }
  const table: Table = {
    title: `core: sockets made of nothing, 200 clients; ns of CPU a message in a process of ${seconds} s, medians of ${rounds}`,
    columns: ['publishes a read', 'fastest turn', 'lower quartile of turns'],
    rows: PER_READ.map((perRead) => {
      const measured = figures.get(perRead) ?? [];
      const of = (name: keyof CoreFigures) => median(measured.map((each) => each[name])).toFixed(0);
      return [String(perRead), of('fastest'), of('lowerQuartile')];
    }),
  };
  return [table];
};

/** Of the turns of one process: the fastest is the least disturbed by others. */
interface CoreFigures {
  fastest: number;
  lowerQuartile: number;
}

async function inProcess(perRead: number, seconds: number): Promise<CoreFigures> {
  const extra = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const { stdout } = await promisify(execFile)(process.execPath, [...extra, processFile, String(perRead), String(seconds)]);
  return JSON.parse(stdout) as CoreFigures;
}
