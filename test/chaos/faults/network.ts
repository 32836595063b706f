import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy } from '../system/tcp-proxy.js';
import type { Fault, FaultContext } from './fault.js';

const TIMES = 3;
const EVERY_MS = 3_000;
/** While the broker is away as well, nobody is connected: then the fault goes on until it has hit something, for so long. */
const PATIENCE_MS = 60_000;

/** Three times, each time a third of the connections. */
const some = (name: string, does: string, act: (proxy: TcpProxy, chosen: () => boolean) => number): Fault => ({
  name,
  does: `${does}, a third of them, three times`,
  targets: ['network'],
  inject: async ({ system: { proxy }, random }: FaultContext) => {
    let hit = 0;
    const until = Date.now() + PATIENCE_MS;
    for (let n = 0; n < TIMES || (hit === 0 && Date.now() < until); n += 1) {
      hit += act(proxy, () => random.oneIn(3));
      await delay(EVERY_MS);
    }
    if (hit === 0) throw new Error('There was no connection to hit');
  },
});

const slow: Fault = {
  name: 'slow-network',
  does: 'everything between vehicles and broker arrives 0.3 to 1.5 s later, for 8 s',
  targets: ['network'],
  inject: async ({ system: { proxy }, random }) => {
    proxy.weather = { kind: 'slow', delayMs: 300 + random.below(1_200) };
    await delay(8_000);
    proxy.weather = { kind: 'fair' };
  },
};

export const networkFaults: readonly Fault[] = [
  slow,
  some('cut-network', 'connections of vehicles cut', (proxy, chosen) => proxy.cut(chosen)),
  some('half-close', 'connections of vehicles closed towards the broker alone', (proxy, chosen) => proxy.halfClose(chosen)),
  some('cut-in-packet', 'connections of vehicles cut in the middle of what they send', (proxy, chosen) => proxy.cutInMidPacket(chosen)),
];
