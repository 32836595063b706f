interface Entry {
  dueAtMs: number;
  vehicleId: string;
}

/** So many entries that are passed over later may stand in the heap beside as many as are armed. */
const SLACK = 1_024;

/**
 * Which vehicle is due next: a binary heap. An entry that no longer is its vehicle's deadline is left where it is
 * and passed over when its turn comes, so that arming costs O(log n) and disarming nothing; where those are the most, the heap is made anew, for a turn may
 * be a week away. Of equals the lower id comes first: what is
 * taken depends on nothing but what is armed, so that a replay takes the same.
 */
export class DeadlineQueue {
  #heap: Entry[] = [];
  readonly #armed = new Map<string, number>();

  /** Vehicles with a deadline. */
  get size(): number {
    return this.#armed.size;
  }

  /** Sets the vehicle's deadline in place of the one it had. */
  arm(vehicleId: string, dueAtMs: number): void {
    if (this.#armed.get(vehicleId) === dueAtMs) return;
    this.#armed.set(vehicleId, dueAtMs);
    if (this.#heap.length < 2 * this.#armed.size + SLACK) this.#push({ dueAtMs, vehicleId });
    else this.#rebuild();
  }

  disarm(vehicleId: string): void {
    this.#armed.delete(vehicleId);
  }

  /** Whether `takeDue` has something to look at; that may turn out to be disarmed. */
  mayBeDue(clockMs: number): boolean {
    return (this.#heap[0]?.dueAtMs ?? Infinity) <= clockMs;
  }

  /** Takes out what is due, earliest first; at most `limit`. */
  takeDue(clockMs: number, limit: number): string[] {
    const due: string[] = [];
    for (let head = this.#heap[0]; head !== undefined && head.dueAtMs <= clockMs && due.length < limit; head = this.#heap[0]) {
      this.#pop();
      if (this.#armed.get(head.vehicleId) !== head.dueAtMs) continue;
      this.#armed.delete(head.vehicleId);
      due.push(head.vehicleId);
    }
    return due;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [vehicleId, dueAtMs] of this.#armed) this.#push({ dueAtMs, vehicleId });
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
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
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = index;
    }
    heap[at] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.vehicleId < other.vehicleId);
}
