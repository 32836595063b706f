const FIRST_SLOTS = 4;

/** First in, first out, in a ring that doubles when it is full: taking one costs the same however many wait. */
export class Fifo<Item> {
  private slots: (Item | undefined)[] = new Array<Item | undefined>(FIRST_SLOTS).fill(undefined);
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  get first(): Item | undefined {
    return this.slots[this.head];
  }

  push(item: Item): void {
    if (this.count === this.slots.length) this.grow();
    this.slots[(this.head + this.count) & (this.slots.length - 1)] = item;
    this.count++;
  }

  /** Takes the first one off; nothing where there is none. */
  drop(): void {
    if (this.count === 0) return;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count--;
  }

  some(is: (item: Item) => boolean): boolean {
    for (let index = 0; index < this.count; index++) if (is(this.at(index))) return true;
    return false;
  }

  /** Takes off all, the first one first. */
  drain(take: (item: Item) => void): void {
    for (let item = this.first; item !== undefined; item = this.first) {
      this.drop();
      take(item);
    }
  }

  private at(index: number): Item {
    return this.slots[(this.head + index) & (this.slots.length - 1)] as Item;
  }

  private grow(): void {
    const slots = this.slots.length;
    this.slots = Array.from({ length: slots * 2 }, (_, index) => (index < slots ? this.at(index) : undefined));
    this.head = 0;
  }
}
