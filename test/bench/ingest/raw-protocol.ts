/** What the bench tells a process of the raw limit, and what that answers. */
export type RawOrder =
  | {
      kind: 'prepare';
      databaseUrl: string;
      clusterId: string;
      /** One connection each; the partitions of `kafka_offsets` that it moves. */
      partitions: number[];
      batches: number;
      rowsPerBatch: number;
      vehiclesPerPartition: number;
      /** Of the first row; the rows of one wave are a stretch of their own. */
      since: number;
    }
  | { kind: 'write' }
  | { kind: 'end' };

export type RawReport = { kind: 'ready' } | { kind: 'written'; seconds: number; cpuSeconds: number } | { kind: 'failed'; message: string };
