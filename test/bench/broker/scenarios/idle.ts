import { sideNames } from '../server-under-test.js';
import type { Table } from '../table.js';
import { type Scenario, withSide } from './scenario.js';

export const IDLE_CLIENTS = 5_000;
const WAVES = 3;
const SETTLE_MS = 1_000;
const KIB = 1_024;

/** Memory of connections that do nothing, and whether it is given back when they go. */
export const idle: Scenario = async ({ pki }) => {
  const rows: string[][] = [];
  let bare = Number.NaN;
  for (const side of sideNames) {
    const { before, waves } = await withSide(side, { pki }, async (server, load) => {
      const memory = { before: await server.residentBytes(), waves: [] as number[] };
      for (let wave = 0; wave < WAVES; wave += 1) {
        await load.ask('connect', { port: server.port, clients: IDLE_CLIENTS });
        await settled();
        memory.waves.push(await server.residentBytes());
        await load.ask('disconnect', {});
        await settled();
      }
      return memory;
    });
    const each = waves.map((resident) => (resident - before) / IDLE_CLIENTS / KIB);
    const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = each;
    if (side === 'bare reader') bare = first;
    const growth = ((waves[2] ?? Number.NaN) / (waves[1] ?? Number.NaN) - 1) * 100;
    rows.push([
      side,
      (before / KIB / KIB).toFixed(0),
      ...[first, second, third, first - bare].map((kib) => kib.toFixed(1)),
      `${growth.toFixed(1)} %`,
    ]);
  }
  const table: Table = {
    title: `idle: resident KiB a connection, ${IDLE_CLIENTS} mTLS clients after CONNACK, garbage collected; ${WAVES} waves that connect and leave`,
    columns: ['', 'process before, MiB', 'first wave', 'second', 'third', 'above bare', 'third adds to second'],
    rows,
  };
  return [table];
};

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}
