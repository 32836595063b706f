/** Chance that can be had again (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  /** From 0 to the limit, without it. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  is(chance: number): boolean {
    return this.next() < chance;
  }

  one<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
