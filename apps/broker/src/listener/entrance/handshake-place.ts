/** The part of a socket that shows whether its peer goes on. */
export interface Progress {
  readonly bytesRead: number;
}

/** How long a handshake may hold its place while its peer says nothing. */
const MAX_SILENCE_MS = 1_000;
/** How long it may hold its place at all: a peer that sends a byte now and then is as slow as one that sends none. */
const MAX_HOLD_MS = 3_000;

/**
 * A place among the handshakes that run. One whose peer is silent gives it up to whoever waits, and goes on without: it costs no computing
 * while it waits, so nobody on a slow network loses its connection, and idle peers cannot keep others out. The handshake's own
 * time-out ends it.
 */
export class HandshakePlace {
  private timer: NodeJS.Timeout | undefined;
  private bytesSeen = 0;
  private heldMs = 0;

  constructor(
    private readonly peer: Progress,
    private readonly left: (yielded: boolean) => void,
  ) {
    this.timer = setInterval(() => this.look(), MAX_SILENCE_MS);
    this.timer.unref();
  }

  /** The handshake is over. More than once does no harm. */
  leave(): void {
    this.give(false);
  }

  private look(): void {
    // One more look at the sockets first: after a stall of this process what the peer had sent in time is still unread, and counts.
    setImmediate(() => {
      this.heldMs += MAX_SILENCE_MS;
      const { bytesRead } = this.peer;
      if (bytesRead === this.bytesSeen || this.heldMs >= MAX_HOLD_MS) this.give(true);
      this.bytesSeen = bytesRead;
    });
  }

  private give(yielded: boolean): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.left(yielded);
  }
}
