import type { Client } from './client.js';

/** The open connections of this process, and which of them each client has. */
export class ClientRegistry {
  private readonly open = new Set<Client>();
  private readonly holders = new Map<string, Client>();
  private most = 0;

  get size(): number {
    return this.open.size;
  }

  /** Clients with an accepted CONNECT, or one that is about to be. */
  get clientCount(): number {
    return this.holders.size;
  }

  /** The most clients that there have been at a time. */
  get maximumCount(): number {
    return this.most;
  }

  all(): IterableIterator<Client> {
    return this.open.values();
  }

  add(client: Client): void {
    this.open.add(client);
  }

  holder(key: string): Client | undefined {
    return this.holders.get(key);
  }

  /** @returns the connection that had the key until now. */
  take(key: string, client: Client): Client | undefined {
    const previous = this.holders.get(key);
    this.holders.set(key, client);
    this.most = Math.max(this.most, this.holders.size);
    return previous;
  }

  /** Forgets a connection; the key stays with whoever took it over. */
  remove(client: Client): void {
    this.open.delete(client);
    const key = client.access?.key;
    if (key !== undefined && this.holders.get(key) === client) this.holders.delete(key);
  }
}
