import type { SecureContextOptions } from 'node:tls';

/** One door's port. */
export interface Listener {
  /** @returns the port. @throws when the address is in use or not ours. */
  listen(): Promise<number>;
  /** New handshakes use it; open connections stay as they are. A listener without TLS has none. */
  setContext?(context: SecureContextOptions): void;
  /** Open connections stay. */
  stopAccepting(): void;
}
