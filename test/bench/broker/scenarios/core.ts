import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Table } from '../table.js';
import type { Scenario } from './scenario.js';

const CASES = [
  { perRead: 1, form: 'plain' },
  { perRead: 20, form: 'plain' },
  { perRead: 1, form: 'aliased' },
  { perRead: 20, form: 'aliased' },
] as const;
const processFile = fileURLToPath(new URL('../core-process.js', import.meta.url));

/** CPU a message of our broker without TLS, kernel and streams: what is ours to make less. */
export const core: Scenario = async ({ options: { seconds, rounds } }) => {
  const figures = new Map<Case, CoreFigures[]>(CASES.map((each) => [each, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const each of CASES) {
      process.stderr.write(`bench: core, ${each.perRead} a read, ${each.form}\n`);
      figures.get(each)?.push(await inProcess(each, seconds));
    }
  const table: Table = {
    title: `core: sockets made of nothing, 200 clients; ns of CPU a message in a process of ${seconds} s, medians of ${rounds}`,
    columns: ['publishes a read', 'their topic', 'fastest turn', 'lower quartile of turns'],
    rows: CASES.map((each) => {
      const measured = figures.get(each) ?? [];
      const of = (name: keyof CoreFigures) => median(measured.map((process) => process[name])).toFixed(0);
      return [String(each.perRead), each.form === 'plain' ? 'written out' : 'an alias', of('fastest'), of('lowerQuartile')];
    }),
  };
  return [table];
};

type Case = (typeof CASES)[number];

/** Of the turns of one process: the fastest is the least disturbed by others. */
interface CoreFigures {
  fastest: number;
  lowerQuartile: number;
}

async function inProcess({ perRead, form }: Case, seconds: number): Promise<CoreFigures> {
  const extra = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const { stdout } = await promisify(execFile)(process.execPath, [...extra, processFile, String(perRead), String(seconds), form]);
  return JSON.parse(stdout) as CoreFigures;
}
