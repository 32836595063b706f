const HIGHEST = 0xffff;

/** Packet identifiers round robin, not the lowest free one: a late ack of an old exchange meets no new one. */
export class PacketIds {
  /** @param last the one given last; 0: none. @param wrapped every identifier may have been used. */
  constructor(
    private last = 0,
    private wrapped = false,
  ) {}

  get lastGiven(): number {
    return this.last;
  }

  /** The next identifier that is not in use. There must be one: fewer than 65,535 are in flight. */
  next(inUse: { has(id: number): boolean }): number {
    do {
      if (this.last === HIGHEST) this.wrapped = true;
      this.last = this.last === HIGHEST ? 1 : this.last + 1;
    } while (inUse.has(this.last));
    return this.last;
  }

  /** Was this identifier ever given out? */
  wasUsed(id: number): boolean {
    return this.wrapped || id <= this.last;
  }
}
