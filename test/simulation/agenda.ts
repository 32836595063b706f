interface Entry {
  atMs: number;
  order: number;
  act(): void;
}

/** What happens when: a binary heap by time, of one moment in the order of planning. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  plan(atMs: number, act: () => void): void {
    this.#order += 1;
    const entry = { atMs, order: this.#order, act };
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Does what is planned up to this time. @param onTime told of each entry's time before it acts. */
  run(untilMs: number, onTime: (atMs: number) => void): void {
    for (let head = this.#heap[0]; head !== undefined && head.atMs <= untilMs; head = this.#heap[0]) {
      this.#pop();
      onTime(head.atMs);
      head.act();
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const [child, index] = right !== undefined && isBefore(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = index;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
