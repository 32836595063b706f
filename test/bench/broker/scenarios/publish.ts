import { payloadBytes } from '../load-orders.js';
import { type SideName, sideNames } from '../server-under-test.js';
import { median, ratio, type Table } from '../table.js';
import { cpuMicroseconds, inRounds, type Scenario, type ScenarioSurroundings, withSide } from './scenario.js';

const CLIENTS = 200;
const TOGETHER = 20;

/** CPU a message: publishes of QoS 1, one a TLS record and twenty. */
export const publish: Scenario = async (surroundings) => [await publishTable('publish', ['plain reader', ...sideNames], surroundings)];

/** What QoS 1 publishes cost these sides, which have the bare reader among them. */
export async function publishTable(name: string, sides: readonly SideName[], surroundings: ScenarioSurroundings): Promise<Table> {
  const { seconds, warmUpSeconds, rounds } = surroundings.options;
  const figures = await inRounds(sides, rounds, (side) =>
    withSide(side, surroundings, async (server, load) => {
      await load.ask('connect', { port: server.port, clients: CLIENTS });
      const measure = async (perRecord: number) => {
        await load.ask('publish', { perRecord, seconds: warmUpSeconds });
        let rate = 0;
        const cpu = await cpuMicroseconds(server, async () => {
          const sent = await load.ask('publish', { perRecord, seconds });
          rate = sent.messages / sent.seconds;
          return sent.messages;
        });
        return { cpu, rate };
      };
      const one = await measure(1);
      const twenty = await measure(TOGETHER);
      return { one: one.cpu, oneRate: one.rate, twenty: twenty.cpu, twentyRate: twenty.rate };
    }),
  );
  const of = (side: SideName, figure: 'one' | 'oneRate' | 'twenty' | 'twentyRate') =>
    median((figures.get(side) ?? []).map((measured) => measured[figure]));
  return {
    title: `${name}: ${CLIENTS} mTLS clients, QoS 1, ${payloadBytes} bytes; CPU of the server, medians of ${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up`,
    columns: ['', 'one a TLS record, µs', 'to bare', 'messages/s', 'twenty a record, µs', 'to bare', 'messages/s'],
    rows: sides.map((side) => [
      side,
      of(side, 'one').toFixed(1),
      ratio(of(side, 'one'), of('bare reader', 'one')),
      of(side, 'oneRate').toFixed(0),
      of(side, 'twenty').toFixed(2),
      ratio(of(side, 'twenty'), of('bare reader', 'twenty')),
      of(side, 'twentyRate').toFixed(0),
    ]),
  };
}
