import { sideNames } from '../server-under-test.js';
import { median, ratio, type Table } from '../table.js';
import { cpuMicroseconds, inRounds, type Scenario, withSide } from './scenario.js';

const WARM_UP = 100;
const HANDSHAKES = 400;

/** CPU of a connection that is made and closed: certificates both ways, or the session of the one before. */
export const handshake: Scenario = async ({ pki, options: { rounds } }) => {
  const figures = await inRounds(sideNames, rounds, (side) =>
    withSide(side, { pki }, async (server, load) => {
      const measure = async (resumed: boolean) => {
        await load.ask('handshake', { port: server.port, count: WARM_UP, resumed });
        let share = 0;
        const cpu = await cpuMicroseconds(server, async () => {
          share = (await load.ask('handshake', { port: server.port, count: HANDSHAKES, resumed })).resumed / HANDSHAKES;
          return HANDSHAKES;
        });
        return { cpu, share };
      };
      const full = await measure(false);
      const resumed = await measure(true);
      return { full: full.cpu, resumed: resumed.cpu, share: resumed.share };
    }),
  );
  const of = (side: (typeof sideNames)[number], name: 'full' | 'resumed' | 'share') =>
    median((figures.get(side) ?? []).map((figure) => figure[name]));
  const table: Table = {
    title: `handshake: CPU of the server for a mutual TLS 1.3 connection made and closed, µs; medians of ${rounds} rounds of ${HANDSHAKES}`,
    columns: ['', 'full', 'to bare', 'resumed', 'to bare', 'truly resumed'],
    rows: sideNames.map((side) => [
      side,
      of(side, 'full').toFixed(0),
      ratio(of(side, 'full'), of('bare reader', 'full')),
      of(side, 'resumed').toFixed(0),
      ratio(of(side, 'resumed'), of('bare reader', 'resumed')),
      `${(of(side, 'share') * 100).toFixed(0)} %`,
    ]),
  };
  return [table];
};
