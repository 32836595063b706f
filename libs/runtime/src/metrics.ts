import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { linesLost } from './line-writer.js';

export type { Registry } from 'prom-client';

/** A registry of the process's own, with Node's default metrics. Apps add theirs as `milepost_<app>_<noun>_<unit>`. */
export function createMetrics(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  // The delay of the event loop is sampled by a timer: each 10 ms, the default, would wake an idle process a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  new Counter({
    name: 'milepost_log_lines_lost_total',
    help: 'Lines that a full disk, or a reader that is too slow, kept out of the log',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(linesLost());
    },
  });
  return registry;
}
