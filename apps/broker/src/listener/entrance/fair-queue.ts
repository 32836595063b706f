/** Whoever waits, by where they come from: each place has its turn, and those of one place keep their order. */
export class FairQueue<T extends { readonly from: string }> {
  /** In the order of their turns; none is empty. */
  private readonly lines = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(item: T): void {
    const line = this.lines.get(item.from);
    if (line === undefined) this.lines.set(item.from, [item]);
    else line.push(item);
    this.count += 1;
  }

  hasNext(mayCome: (from: string) => boolean): boolean {
    for (const from of this.lines.keys()) if (mayCome(from)) return true;
    return false;
  }

  /** Takes out whose turn it is, of the first place that may have one. */
  next(mayCome: (from: string) => boolean): T | undefined {
    for (const [from, line] of this.lines) {
      if (!mayCome(from)) continue;
      const item = line.shift();
      this.lines.delete(from);
      // Behind the others with its next one.
      if (line.length > 0) this.lines.set(from, line);
      this.count -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes out the last one of the place where most wait, if more wait there than would from `from` with one more. */
  dropFor(from: string): T | undefined {
    let longest: T[] = [];
    for (const line of this.lines.values()) if (line.length > longest.length) longest = line;
    if (longest.length <= (this.lines.get(from)?.length ?? 0) + 1) return undefined;
    this.count -= 1;
    return longest.pop();
  }

  /** Takes out everybody. */
  clear(): T[] {
    const all = [...this.lines.values()].flat();
    this.lines.clear();
    this.count = 0;
    return all;
  }
}
