export interface ProduceMessage {
  key: string | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string | Buffer>> | undefined;
  timestampMs: number;
  /** Upper bound of its encoded size. */
  bytes: number;
}

/** What one request carries for one partition. Physical topic name. */
export interface PartitionMessages {
  topic: string;
  partition: number;
  messages: readonly ProduceMessage[];
}
