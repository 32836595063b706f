import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BrokerProcess } from '../../fuzz/broker-process.js';
import { runBroker } from '../../fuzz/broker-run.js';

const MIB = 1024 * 1024;
const CLIENTS = 64;

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Each broker that is started from now on does this, too, with its n-th connection; what it puts in `kept` stays. */
function sabotage(withEach: string): void {
  const code = `
    import { subscribe } from 'node:diagnostics_channel';
    const kept = [];
    let n = 0;
    subscribe('net.server.socket', () => { n++; ${withEach} });`;
  vi.stubEnv('NODE_OPTIONS', `--import data:text/javascript,${encodeURIComponent(code)}`);
}

async function grownByClients(): Promise<number> {
  const broker = await BrokerProcess.start();
  try {
    const before = await broker.keptBytes();
    for (let n = 0; n < CLIENTS; n++) {
      const socket = connect({ host: '127.0.0.1', port: broker.port });
      // No packet: the broker closes, and has had the connection.
      socket.end(Buffer.of(0)).resume();
      await once(socket, 'close');
    }
    const after = await broker.keptBytes();
    if (before === undefined || after === undefined) throw new Error('the broker did not say what it keeps');
    return after - before;
  } finally {
    await broker.stop();
  }
}

describe('the memory of a broker that is fuzzed', () => {
  it.each([
    ['in its heap', 'kept.push(Array.from({ length: 8_192 }, () => new Array(14).fill(n)));'],
    ['beside it', 'kept.push(Buffer.alloc(1_048_576, n));'],
  ])('grows by what it keeps %s', async (_, keep) => {
    sabotage(keep);
    const grown = await grownByClients();
    expect(grown).toBeGreaterThan(CLIENTS * 0.9 * MIB);
    expect(grown).toBeLessThan(CLIENTS * 1.5 * MIB);
  });

  it('does not grow by what a burst of garbage leaves free, although pieces of it live in many pages', async () => {
    const burst = `
      kept.push(Array.from({ length: 8_192 }, () => new Array(14).fill(n)));
      if (n === ${CLIENTS}) for (const [at, part] of kept.entries()) kept[at] = part.filter((_, nth) => nth % 512 === 0);`;
    sabotage(burst);
    expect(await grownByClients()).toBeLessThan((CLIENTS / 3) * MIB);
  });

  it('is a finding where it keeps 32 KiB of each of 2,000 connections', async () => {
    sabotage('kept.push(new Array(4_096).fill(n));');
    const { failures } = await runBroker({ port: undefined, seed: 1, seconds: 60, maxInputs: 0, maxConnections: 2_000, target: 'broker' });
    expect(failures).toEqual([expect.stringContaining('the broker grew by')]);
  });
});
