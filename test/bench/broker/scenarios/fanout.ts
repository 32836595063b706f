import { payloadBytes } from '../load-orders.js';
import { median, ratio, type Table } from '../table.js';
import { cpuMicroseconds, inRounds, type Scenario, withSide } from './scenario.js';

const SIDES = ['milepost', 'aedes', 'mosquitto'] as const;
const SUBSCRIBERS = 1_000;
const TOPIC = 'fleet/bench-0/status';

/** CPU a copy: one publisher, a thousand subscribers, QoS 0 and 1. */
export const fanout: Scenario = async ({ pki, options: { seconds, warmUpSeconds, rounds } }) => {
  const measure = (qos: 0 | 1) =>
    inRounds(SIDES, rounds, (side) =>
      withSide(side, { pki }, async (server, load) => {
        await load.ask('connect', { port: server.port, clients: 1 + SUBSCRIBERS, subscribe: { topic: TOPIC, qos } });
        await load.ask('fanout', { topic: TOPIC, qos, seconds: warmUpSeconds });
        const cpu = await cpuMicroseconds(server, async () => (await load.ask('fanout', { topic: TOPIC, qos, seconds })).messages);
        return { cpu };
      }),
    );
  const byQoS = [await measure(0), await measure(1)];
  const of = (side: (typeof SIDES)[number], qos: 0 | 1) => median((byQoS[qos]?.get(side) ?? []).map(({ cpu }) => cpu));
  const table: Table = {
    title: `fanout: one publisher, ${SUBSCRIBERS} subscribers, ${payloadBytes} bytes; CPU of the server a copy, µs; medians of ${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up`,
    columns: ['', 'QoS 0', 'to mosquitto', 'QoS 1', 'to mosquitto'],
    rows: SIDES.map((side) => [
      side,
      of(side, 0).toFixed(2),
      ratio(of(side, 0), of('mosquitto', 0)),
      of(side, 1).toFixed(2),
      ratio(of(side, 1), of('mosquitto', 1)),
    ]),
  };
  return [table];
};
