import type { BenchPki } from '../bench-pki.js';
import { type Load, startLoad } from '../load.js';
import type { BenchOptions } from '../options.js';
import { type ServerUnderTest, type SideName, startServer } from '../server-under-test.js';
import type { Table } from '../table.js';

export interface ScenarioSurroundings {
  pki: BenchPki;
  options: BenchOptions;
  /** Where a server finds Kafka that has it behind it, comma-separated. */
  kafkaBrokers?: string;
}

export type Scenario = (surroundings: ScenarioSurroundings) => Promise<Table[]>;

/** A fresh server and fresh clients. */
export async function withSide<T>(
  side: SideName,
  { pki, kafkaBrokers }: Omit<ScenarioSurroundings, 'options'>,
  work: (server: ServerUnderTest, load: Load) => Promise<T>,
): Promise<T> {
  process.stderr.write(`bench: ${side}\n`);
  const server = await startServer(side, pki, kafkaBrokers);
  const load = startLoad(pki);
  try {
    return await work(server, load);
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** Every side has its turn in every round (A B C D A B C D …), so that a busy hour is busy for all. @returns the figures by side and name. */
export async function inRounds<N extends string>(
  sides: readonly SideName[],
  rounds: number,
  measure: (side: SideName) => Promise<Record<N, number>>,
): Promise<Map<SideName, Record<N, number>[]>> {
  const figures = new Map<SideName, Record<N, number>[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const side of sides) {
      const measured = await measure(side);
      figures.get(side)?.push(measured);
      // Whoever ends a long run early has what was measured until then.
      process.stderr.write(`bench: ${side} ${JSON.stringify(measured)}\n`);
    }
  }
  return figures;
}

/** CPU of the server in microseconds for each thing that the work counted. */
export async function cpuMicroseconds(server: ServerUnderTest, work: () => Promise<number>): Promise<number> {
  const before = server.cpuSeconds();
  const count = await work();
  return ((server.cpuSeconds() - before) * 1e6) / count;
}
