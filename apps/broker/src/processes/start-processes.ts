import { type Logger, type Registry, type RunningApp, within } from '@milepost/runtime';
import { Counter, Gauge } from 'prom-client';
import type { BrokerConfig } from '../config.js';
import { forkProcess } from './cluster-child.js';
import { ProcessGroup } from './process-group.js';

export interface ProcessesSurroundings {
  config: BrokerConfig;
  registry: Registry;
  logger: Logger;
  fail(error: Error): void;
}

/** A process ends within ten seconds by itself; a little is left for those that must be killed. */
const STOP_MS = 9_500;
const KILL_MS = 300;

/** The first process: it takes connections for the others, starts anew what ends, and does nothing else. */
export function startProcesses({ config, registry, logger, fail }: ProcessesSurroundings): RunningApp {
  const restarts = new Counter({
    name: 'milepost_broker_process_restarts_total',
    help: 'Processes of the broker that ended and were started anew',
    registers: [registry],
  });
  const group = new ProcessGroup({
    count: config.BROKER_PROCESSES,
    start: (index) => forkProcess(environmentOf(config, index)),
    fail,
    onLost: () => restarts.inc(),
    logger,
  });
  new Gauge({
    name: 'milepost_broker_processes_ready',
    help: 'Processes of the broker that are ready',
    registers: [registry],
    collect() {
      this.set(group.readyCount);
    },
  });
  group.start();
  logger.warn(
    { event: 'broker.processes', count: config.BROKER_PROCESSES },
    'Several processes share the doors: vehicles publish, and may not subscribe; sessions end with their connections (decision 0019)',
  );
  return {
    ready: () => group.notReady(),
    close: () => within(group.close(STOP_MS), STOP_MS + KILL_MS),
  };
}

/** Each process has an index, so a name, and a status port of its own: those behind the first one's, in order. */
function environmentOf({ PROCESS_INDEX, STATUS_PORT }: BrokerConfig, index: number): Record<string, string> {
  return { PROCESS_INDEX: String(PROCESS_INDEX + index), STATUS_PORT: String(STATUS_PORT === 0 ? 0 : STATUS_PORT + 1 + index) };
}
