import type { Fault } from '@milepost/contracts';
import { pointerTo } from './json-pointer.js';

/** Levels of arrays and objects within an item. */
export const maxDepth = 16;
const maxFaults = 8;

/**
 * What Postgres (text, jsonb) or the identity (RFC 8785) cannot take, though JSON can say it: U+0000, half a surrogate pair,
 * a number beyond the doubles (`1e999`), and nesting without bound.
 */
export function storabilityFaults(value: unknown, pointer: string): Fault[] {
  const faults: Fault[] = [];
  inspect(value, pointer, 0, faults);
  return faults;
}

function inspect(value: unknown, pointer: string, depth: number, faults: Fault[]): void {
  if (faults.length >= maxFaults) return;
  switch (typeof value) {
    case 'string':
      if (!isStorable(value)) faults.push(notStorable(pointer, 'holds U+0000 or half a surrogate pair'));
      return;
    case 'number':
      if (!Number.isFinite(value)) faults.push(notStorable(pointer, 'is a number beyond the range of a double'));
      return;
    case 'object':
      break;
    default:
      return;
  }
  if (value === null) return;
  if (depth === maxDepth) {
    faults.push(notStorable(pointer, `nests deeper than ${maxDepth} levels`));
    return;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) if (isSuspect(value[i])) inspect(value[i], pointerTo(pointer, i), depth + 1, faults);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (!isStorable(name)) faults.push(notStorable(pointerTo(pointer, name), 'has a name with U+0000 or half a surrogate pair'));
    if (isSuspect(member)) inspect(member, pointerTo(pointer, name), depth + 1, faults);
  }
}

/** Most members are fine: their pointer is never built. */
function isSuspect(value: unknown): boolean {
  if (typeof value === 'string') return !isStorable(value);
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && isWellFormed(text);
}

// lib.es2024 has it, Node 20 too; the compiler's target is older.
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

function notStorable(pointer: string, message: string): Fault {
  return { code: 'not_storable', pointer, message };
}
