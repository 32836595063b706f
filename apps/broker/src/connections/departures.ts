interface Departing {
  leave(): void;
}

/** Some milliseconds: to close a TLS connection costs more than a publish. */
export const DEPARTURES_A_TURN = 32;
/** Or such a part of those who wait, where that is more: however many leave in each turn, the line has an end. */
const PART_A_TURN = 1 / 64;

/**
 * Closes the sockets of those whose connection is over, so many in a turn of the event loop: where thousands leave in one moment, those who
 * stay are read and answered in between.
 */
export class Departures {
  private readonly waiting = new Set<Departing>();
  private leftInThisTurn = 0;
  private inTurns = true;
  private nextTurn: NodeJS.Immediate | undefined;

  /** Whose sockets are open although their connections are over. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  /** In its turn, which is now as long as few leave. */
  add(connection: Departing): void {
    if (this.inTurns && (this.waiting.size > 0 || this.leftInThisTurn >= DEPARTURES_A_TURN)) this.waiting.add(connection);
    else this.leave(connection);
    this.nextTurn ??= setImmediate(this.turn);
  }

  /** Its socket was lost meanwhile: nothing is left to do. */
  forget(connection: Departing): void {
    this.waiting.delete(connection);
  }

  /** The process stops: nobody stays whom others would keep waiting. */
  hurry(): void {
    this.inTurns = false;
    this.leaveFirst(this.waiting.size);
  }

  private readonly turn = (): void => {
    this.leftInThisTurn = 0;
    this.leaveFirst(Math.max(DEPARTURES_A_TURN, Math.ceil(this.waiting.size * PART_A_TURN)));
    this.nextTurn = this.leftInThisTurn > 0 ? setImmediate(this.turn) : undefined;
  };

  private leaveFirst(count: number): void {
    let left = 0;
    for (const connection of this.waiting) {
      if (left++ >= count) return;
      this.waiting.delete(connection);
      this.leave(connection);
    }
  }

  private leave(connection: Departing): void {
    this.leftInThisTurn += 1;
    connection.leave();
  }
}
