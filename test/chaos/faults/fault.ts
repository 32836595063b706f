import type { Random } from '../../fuzz/random.js';
import type { LedgerProcess } from '../ledger-process.js';
import type { System } from '../system/system.js';

/** What a fault lays its hands on: two faults that share one are never at work at the same time. */
export type Target = 'broker' | 'ingest' | 'alerts' | 'webhooks' | 'api' | 'kafka' | 'postgres' | 'network' | 'clocks' | 'poison';

export interface FaultContext {
  system: System;
  ledger: LedgerProcess;
  /** Of this injection alone: the same seed gives the same course, whatever else goes on. */
  random: Random;
  /** Counts injections of the whole run: for names that must be new. */
  number: number;
  /** Nothing else goes on meanwhile. */
  alone: boolean;
}

export interface Fault {
  /** As `--faults` takes it. */
  name: string;
  does: string;
  targets: readonly Target[];
  /** What the run must have for it. */
  needs?: 'three-kafka-nodes' | 'limited-disks';
  /** Resolves when the cause is gone again. @throws when it could not be injected. */
  inject(context: FaultContext): Promise<void>;
}
