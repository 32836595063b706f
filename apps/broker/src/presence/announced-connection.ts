import type { Connected } from '@milepost/contracts';

/** What `connected` says about a connection, whoever writes it and however often. */
export type ConnectionFacts = Omit<Connected, 'kind' | 'node' | 'epoch' | 'counter' | 'connectionId' | 'resumed'>;

/** A connection whose `connected` was handed to the log and whose `disconnected` was not. */
export interface AnnouncedConnection {
  readonly facts: ConnectionFacts;
  /** Fresh in each epoch of the node. */
  connectionId: string;
  /** Offset of the first `connected` once it is durable: what comes later in the log replaces it. */
  storedAt: bigint | undefined;
  /** The latest `connected` of another node for the same client, if one was read. */
  rivalAt: bigint | undefined;
}

/** Whether the log says that another node has the client now. */
export function isReplaced({ storedAt, rivalAt }: AnnouncedConnection): boolean {
  return storedAt !== undefined && rivalAt !== undefined && rivalAt > storedAt;
}
