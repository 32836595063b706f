import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedKafka, startEmbeddedKafka } from '@milepost/backing-services';
import { recordProcess } from './recorded-processes.js';
import { testServices } from './test-services.js';

const HEAP_MB = 256;

/** A Kafka that a test may stop without disturbing others. It costs 200 MB and 3 s of a core: one a test file. */
export interface OwnKafka {
  brokers: string[];
  /** Still there, and silent: requests get no answer (SIGSTOP). */
  freeze(): void;
  /** Goes on as if nothing had been (SIGCONT). */
  thaw(): void;
  /** Stops in order; connections are refused until `start`. */
  stop(): Promise<void>;
  /** Ends without a word. */
  kill9(): Promise<void>;
  /** Starts again with the same data on the same port. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startOwnKafka(): Promise<OwnKafka> {
  const { runDir } = testServices();
  const dir = mkdtempSync(join(runDir, 'kafka-'));
  const launch = () =>
    startEmbeddedKafka({
      dir,
      logFile: join(dir, 'kafka.log'),
      environment: process.env,
      log: () => undefined,
      heapMb: HEAP_MB,
      onProcess: ({ pid }) => recordProcess(runDir, pid),
    });
  let kafka: EmbeddedKafka | undefined = await launch();
  const { brokers } = kafka;
  const signal = (name: NodeJS.Signals) => {
    if (kafka) process.kill(kafka.process.pid, name);
  };
  const stop = async () => {
    signal('SIGCONT');
    await kafka?.stop();
    kafka = undefined;
  };
  return {
    brokers,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop,
    kill9: async () => {
      signal('SIGKILL');
      await kafka?.process.stop(0);
      kafka = undefined;
    },
    start: async () => {
      kafka ??= await launch();
      if (kafka.brokers[0] !== brokers[0]) throw new Error(`Kafka came back on ${kafka.brokers[0]} instead of ${brokers[0]}`);
    },
    remove: async () => {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
