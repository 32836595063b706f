import type { Connection, Pool, Submittable } from 'pg';
import { bindMessage } from './bind-message.js';
import { asksForReconnect } from './errors.js';
import type { Statement } from './sql.js';

export interface BoundStatement {
  statement: Statement;
  values: readonly unknown[];
}

/**
 * Runs statements in their order in one transaction, with one message to the server and one answer: the extended protocol keeps what comes
 * before a Sync together, without `begin` and `commit` (Postgres documentation, "Pipelining" in "Message Flow"). An error in one of them, or
 * at the commit, leaves nothing written. No statement can depend on what one before it answered; where that must stop the others, let it raise.
 * @returns how many rows each of them wrote, or answered, in the order of `statements`; the rows themselves are not read
 * @throws what Postgres says, as pg throws it; after an error of the connection itself it is not known whether anything was written
 */
export async function runTogether(pool: Pick<Pool, 'connect'>, statements: readonly BoundStatement[]): Promise<number[]> {
  const messages = statements.map(messageOf);
  const client = await pool.connect();
  let broken: Error | undefined;
  // An error of the connection itself comes as an event; without a listener it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  const together = new Together(messages);
  try {
    client.query(together);
    return await together.counts;
  } catch (error) {
    // What it knew to be prepared, or to be undone, is certain no longer: then it is not used again.
    if (error instanceof Error && (together.preparesSome || !('code' in error) || asksForReconnect(error))) broken ??= error;
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

interface Message {
  /** Not the one under which pg itself prepares the same statement on the same connection. */
  name: string;
  text: string;
  bind: Buffer;
}

function messageOf({ statement, values }: BoundStatement): Message {
  const name = `together:${statement.name}`;
  return { name, text: statement.text, bind: bindMessage(name, statement, values) };
}

/** Names of what a connection has prepared for `Together`. */
const preparedOn = new WeakMap<Connection, Set<string>>();

/** pg hands a Submittable its connection, and then what the server says up to the end of the transaction. */
class Together implements Submittable {
  readonly counts: Promise<number[]>;
  /** Some statement had not been prepared on this connection. */
  preparesSome = false;
  /** pg puts the time-out of queries before it. */
  callback: (error: Error | null) => void = () => undefined;
  readonly #messages: readonly Message[];
  readonly #counts: number[] = [];

  constructor(messages: readonly Message[]) {
    this.#messages = messages;
    this.counts = new Promise((resolve, reject) => {
      this.callback = (error) => (error === null ? resolve(this.#counts) : reject(error));
    });
  }

  submit(connection: Connection): void {
    const prepared = preparedOn.get(connection) ?? new Set();
    preparedOn.set(connection, prepared);
    connection.stream.cork();
    for (const { name, text, bind } of this.#messages) {
      if (!prepared.has(name)) {
        this.preparesSome = true;
        connection.parse({ name, text, types: [] }, true);
        prepared.add(name);
      }
      if (connection.stream.writable) connection.stream.write(bind);
      connection.execute(null, true);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#counts.push(Number(/\d+$/.exec(text)?.[0] ?? 0));
  }

  /** Rows that nobody asked for. */
  handleDataRow(): void {}

  handleReadyForQuery(): void {
    this.callback(null);
  }

  handleError(error: Error): void {
    this.callback(error);
  }
}
