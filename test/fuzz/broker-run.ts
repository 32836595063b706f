import { setTimeout } from 'node:timers/promises';
import { BrokerFuzz } from './broker-fuzz.js';
import { BrokerProcess } from './broker-process.js';
import { ControlClient } from './control-client.js';
import type { FuzzOptions } from './options.js';
import type { Report } from './report.js';

/** Memory is compared from here on: tables and heaps have their size by then. */
const WARM_UP_SHARE = 0.3;
/** Of 200,000 connections, 140,000 come in between: 0.23 KiB for each. */
const MAX_GROWN_BYTES = 32 * 1024 * 1024;
/** After the last connection, before memory is looked at: the broker lingers for those that it closed. */
const SETTLE_MS = 5_000;

/** Fuzzes a broker over TCP until time or connections are used up, or it fails. */
export async function runBroker({ port, seed, seconds, maxConnections }: FuzzOptions): Promise<Report> {
  const broker = port === undefined ? await BrokerProcess.start() : undefined;
  const target = port ?? broker?.port ?? 0;
  try {
    const control = await ControlClient.connect(target);
    const fuzz = new BrokerFuzz(target, seed);
    let elapsedMs = 0;
    /** With nobody connected but the well-behaved client, both times, so that the looks can be compared. */
    const keptAfter = async (share: number): Promise<number | undefined> => {
      const started = performance.now() - elapsedMs;
      const over = () => performance.now() - started >= share * seconds * 1000 || control.failure !== undefined || broker?.over === true;
      await fuzz.run(share * maxConnections, over);
      elapsedMs = performance.now() - started;
      await setTimeout(SETTLE_MS);
      return broker?.keptBytes();
    };
    const warmBytes = await keptAfter(WARM_UP_SHARE);
    const keptBytes = await keptAfter(1);
    const grownBytes = warmBytes === undefined || keptBytes === undefined ? undefined : keptBytes - warmBytes;
    const failures = [
      ...(broker?.over === true ? ['the broker has ended'] : []),
      ...(control.failure === undefined ? [] : [control.failure]),
    ];
    control.close();
    const newcomer = await failureOfNewcomer(target);
    if (newcomer !== undefined) failures.push(newcomer);
    if (broker !== undefined && grownBytes === undefined) failures.push('the broker does not say what memory it keeps');
    if (grownBytes !== undefined && grownBytes > MAX_GROWN_BYTES) failures.push(`the broker grew by ${grownBytes} bytes`);
    const { findings } = fuzz;
    return {
      target: 'broker',
      rows: [
        ['connections', findings.connections],
        ['connections a second', Math.round(findings.connections / (elapsedMs / 1000))],
        ['could not be opened', findings.refused],
        ['closed by the broker', findings.closedByBroker],
        ['bytes sent', findings.bytes],
        ['bytes answered', findings.answeredBytes],
        ['pings answered', control.answers],
        ['crashes', broker?.over === true ? 1 : 0],
        ['hangs', control.failure === undefined ? 0 : 1],
        ...(keptBytes === undefined ? [] : [['memory kept, KiB', Math.round(keptBytes / 1024)] as const]),
        ...(grownBytes === undefined ? [] : [['memory grown, KiB', Math.round(grownBytes / 1024)] as const]),
      ],
      failures,
    };
  } finally {
    await broker?.stop();
  }
}

/** Whoever comes after all of them must be served as before: a broker that still counts those that have gone lets nobody in. */
async function failureOfNewcomer(port: number): Promise<string | undefined> {
  try {
    (await ControlClient.connect(port)).close();
    return undefined;
  } catch (error) {
    return `afterwards nobody is let in: ${error instanceof Error ? error.message : String(error)}`;
  }
}
