/** The same fields, without those that may be null or undefined being so. */
type Present<T> = { [K in keyof T as [null & T[K]] extends [never] ? ([undefined & T[K]] extends [never] ? K : never) : never]: T[K] } & {
  [K in keyof T as [null & T[K]] extends [never] ? ([undefined & T[K]] extends [never] ? never : K) : K]?: NonNullable<T[K]>;
};

/** In an answer a field is there with a value, or it is not there. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Present<T>;
}

/** RFC 3339 in UTC with milliseconds; null stays null, for `present` to leave out. */
export function instantText(at: Date): string;
export function instantText(at: Date | null): string | null;
export function instantText(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
