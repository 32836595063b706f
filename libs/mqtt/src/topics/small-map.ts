/**
 * A map of one entry nearly always: that one lies in the object itself, and only a second makes a Map of it.
 * A node's filters are a few hundred thousand of these; an empty Map alone is some 200 bytes.
 */
export class SmallMap<Key, Value> {
  private key: Key | undefined;
  private value: Value | undefined;
  private filled = false;
  private all: Map<Key, Value> | undefined;

  get size(): number {
    return this.all?.size ?? (this.filled ? 1 : 0);
  }

  get(key: Key): Value | undefined {
    if (this.all !== undefined) return this.all.get(key);
    return this.filled && this.key === key ? this.value : undefined;
  }

  /** Replaces in place: the order is that of the first time. */
  set(key: Key, value: Value): void {
    if (this.all !== undefined) {
      this.all.set(key, value);
    } else if (!this.filled || this.key === key) {
      this.key = key;
      this.value = value;
      this.filled = true;
    } else {
      this.all = new Map([[this.key as Key, this.value as Value]]);
      this.all.set(key, value);
      this.forgetOne();
    }
  }

  /** False if there was none. */
  delete(key: Key): boolean {
    if (this.all !== undefined) return this.all.delete(key);
    if (!this.filled || this.key !== key) return false;
    this.forgetOne();
    return true;
  }

  /** What is added or removed while it is walked may be seen or not. */
  *entries(): IterableIterator<[Key, Value]> {
    if (this.all !== undefined) yield* this.all;
    else if (this.filled) yield [this.key as Key, this.value as Value];
  }

  appendValuesTo(values: Value[]): void {
    if (this.all !== undefined) for (const value of this.all.values()) values.push(value);
    else if (this.filled) values.push(this.value as Value);
  }

  private forgetOne(): void {
    this.key = undefined;
    this.value = undefined;
    this.filled = false;
  }
}
