import canonicalizeModule from 'canonicalize';

// A CommonJS package whose types say ESM: at run time the import is the function itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** Array indexes come first in every object, in numeric order, however they are put in; `__proto__` is no member when it is assigned. */
const unsortable = /^(?:0|[1-9]\d*|__proto__)$/;

/**
 * The RFC 8785 form of what JSON.parse gave, without the member `without` of its outermost object.
 * Numbers and strings are written by that RFC as JSON.stringify writes them, so a copy with its names in order is all that is needed,
 * written at once. What such a copy cannot hold goes through `canonicalize`, member by member, at three times the cost.
 * @throws Error for NaN and the infinities.
 */
export function canonicalJson(value: Readonly<Record<string, unknown>>, without?: string): string {
  const copy = sortedObject(value, without);
  if (copy !== undefined) return JSON.stringify(copy);
  const { [without ?? '']: _, ...rest } = value;
  return canonicalize(without === undefined ? value : rest) ?? '';
}

function sortedObject(value: Readonly<Record<string, unknown>>, without?: string): Record<string, unknown> | undefined {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) {
    if (name === without) continue;
    if (unsortable.test(name)) return undefined;
    const member = sorted(value[name]);
    if (member === undefined) return undefined;
    copy[name] = member;
  }
  return copy;
}

/** Undefined for what has no place in a sorted copy. */
function sorted(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'object':
      if (value === null) return value;
      if (!Array.isArray(value)) return sortedObject(value as Record<string, unknown>);
      break;
    default:
      return undefined;
  }
  const items: unknown[] = [];
  for (const item of value) {
    const copied = sorted(item);
    if (copied === undefined) return undefined;
    items.push(copied);
  }
  return items;
}
