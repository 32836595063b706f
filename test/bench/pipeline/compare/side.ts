import type { VehicleCredentials } from '../bench-vehicle.js';
import type { KeptProcess } from './kept-process.js';

/** One of the two ways from vehicle to row. */
export interface Side {
  name: string;
  /** What it is made of, in a sentence. */
  description: string;
  mqttPort: number;
  caPem: string;
  databaseUrl: string;
  /** Its programs, in the order in which a message meets them; all of them are killed in turn. */
  programs: readonly KeptProcess[];
  /** Kafka and Postgres. */
  services(): { name: string; pid: number }[];
  credentials(vehicleIds: readonly string[]): Promise<VehicleCredentials[]>;
  /** Kafka ends without a word and is started again after so long. */
  loseKafka(forMs: number): Promise<void>;
  /** Answers one row, `sequence`: the highest stored of vehicle $1 since $2. */
  newestSequence: string;
  /** Answers one row, `rows`: how many different messages of the vehicles whose ids begin with $1 are stored. */
  storedMessages: string;
  stop(): Promise<void>;
}
