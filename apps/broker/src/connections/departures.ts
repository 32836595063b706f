interface Departing {
  leave(): void;
}

/** Some milliseconds: to close a TLS connection costs more than a publish. */
export const DEPARTURES_A_TURN = 32;

/**
 * Closes the sockets of those whose connection is over, so many in a turn of the event loop: where thousands leave in one moment, those who
 * stay are read and answered in between.
 */
export class Departures {
  private readonly waiting: Departing[] = [];
  private leftInThisTurn = 0;
  private inTurns = true;
  private nextTurn: NodeJS.Immediate | undefined;

  /** In its turn, which is now as long as few leave. */
  add(connection: Departing): void {
    if (this.inTurns && (this.waiting.length > 0 || this.leftInThisTurn >= DEPARTURES_A_TURN)) this.waiting.push(connection);
    else this.leave(connection);
    this.nextTurn ??= setImmediate(this.turn);
  }

  /** The process stops: nobody stays whom others would keep waiting. */
  hurry(): void {
    this.inTurns = false;
    for (const connection of this.waiting.splice(0)) connection.leave();
  }

  private readonly turn = (): void => {
    this.leftInThisTurn = 0;
    for (const connection of this.waiting.splice(0, DEPARTURES_A_TURN)) this.leave(connection);
    this.nextTurn = this.leftInThisTurn > 0 ? setImmediate(this.turn) : undefined;
  };

  private leave(connection: Departing): void {
    this.leftInThisTurn += 1;
    connection.leave();
  }
}
