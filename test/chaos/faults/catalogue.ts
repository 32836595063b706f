import { diskFaults } from './disks.js';
import type { Fault } from './fault.js';
import { kafkaFaults } from './kafka.js';
import { networkFaults } from './network.js';
import { postgresFaults } from './postgres.js';
import { processFaults } from './processes.js';
import { vehicleFaults } from './vehicles.js';

/** Every kind of fault there is. */
export const catalogue: readonly Fault[] = [
  ...processFaults,
  ...kafkaFaults,
  ...postgresFaults,
  ...diskFaults,
  ...networkFaults,
  ...vehicleFaults,
];
