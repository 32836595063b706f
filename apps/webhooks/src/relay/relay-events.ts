import { advisoryLocks, sql } from '@milepost/database';
import { type LogWriter, partitionOf } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import type { Pool, PoolClient } from 'pg';
import type { WebhookMetrics } from '../metrics.js';
import { cloudEventRecord, type UnrelayedEvent } from './cloud-event.js';

export interface RelayOptions {
  pool: Pool;
  writer: Pick<LogWriter, 'append'>;
  logger: Logger;
  metrics: WebhookMetrics;
}

export interface Relay {
  /** Relays the next events, in order, to a topic of so many partitions; idle when there are none, or another process has the lock. */
  turn(partitions: number): Promise<'again' | 'idle'>;
  /** Lets another process take over. */
  close(): void;
}

const unrelayedEvents = sql('webhooks/unrelayed-events');
const markRelayed = sql('webhooks/mark-relayed');
const batchSize = 500;

/**
 * Gives `fleet.alerts` every event of the outbox: at least once, the first copies in order. One process at a time, by a lock
 * that its connection holds; if that connection breaks, a successor may send again what is still on its way here.
 */
export function createRelay({ pool, writer, logger, metrics }: RelayOptions): Relay {
  let leader: PoolClient | undefined;

  const release = (error?: Error) => {
    leader?.off('error', release);
    // Never back into the pool: the lock ends with the connection.
    leader?.release(error ?? true);
    leader = undefined;
    metrics.relayActive.set(0);
  };

  const lead = async (partitions: number): Promise<PoolClient | undefined> => {
    if (leader) return leader;
    const client = await pool.connect();
    const { rows } = await client
      .query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [advisoryLocks.eventRelay])
      .catch((error: Error) => {
        // It may be answered yet, and then the session has a lock that nobody knows of: not back into the pool.
        client.release(error);
        throw error;
      });
    if (rows[0]?.mine !== true) {
      client.release();
      return undefined;
    }
    leader = client;
    client.on('error', release);
    metrics.relayActive.set(1);
    logger.info({ event: 'relay.leading', partitions }, 'This process relays events to fleet.alerts');
    return client;
  };

  return {
    turn: async (partitions) => {
      const client = await lead(partitions);
      if (!client) return 'idle';
      try {
        const { rows } = await client.query<UnrelayedEvent>({ ...unrelayedEvents, values: [batchSize] });
        const done = await append(rows, partitions);
        if (done.length > 0) await client.query({ ...markRelayed, values: [done] });
        return rows.length === batchSize && done.length > 0 ? 'again' : 'idle';
      } catch (error) {
        release(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    },
    close: () => release(),
  };

  /** The events that need not be sent again: Kafka has them, or will never take them. */
  async function append(events: UnrelayedEvent[], partitions: number): Promise<string[]> {
    const outcomes = await Promise.all(
      events.map(async (event) => {
        const partition = partitionOf(event.recordKey, partitions);
        return { event, outcome: await writer.append({ ...cloudEventRecord(event), partition }) };
      }),
    );
    const done: string[] = [];
    for (const { event, outcome } of outcomes) {
      if (outcome.kind === 'withheld') continue;
      done.push(event.eventId);
      metrics.relayed.inc({ outcome: outcome.kind });
      if (outcome.kind === 'refused') {
        const context = { eventId: event.eventId, code: outcome.code, reason: outcome.message };
        logger.error({ event: 'relay.event.refused', ...context }, 'Kafka does not take an event; it is left out of fleet.alerts');
      }
    }
    return done;
  }
}
