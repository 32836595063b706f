import type { ClientConnection } from './client-connection.js';

/** The open connections of this process, and which of them each client has. */
export class ClientRegistry {
  private readonly open = new Set<ClientConnection>();
  private readonly holders = new Map<string, ClientConnection>();

  get size(): number {
    return this.open.size;
  }

  /** Clients with an accepted CONNECT, or one that is about to be. */
  get clientCount(): number {
    return this.holders.size;
  }

  all(): IterableIterator<ClientConnection> {
    return this.open.values();
  }

  add(connection: ClientConnection): void {
    this.open.add(connection);
  }

  holder(key: string): ClientConnection | undefined {
    return this.holders.get(key);
  }

  /** @returns the connection that had the client until now. */
  take(connection: ClientConnection): ClientConnection | undefined {
    const previous = this.holders.get(connection.key);
    this.holders.set(connection.key, connection);
    return previous;
  }

  /** Forgets a connection; the client stays with whoever took it over. */
  remove(connection: ClientConnection): void {
    this.open.delete(connection);
    if (this.holders.get(connection.key) === connection) this.holders.delete(connection.key);
  }
}
