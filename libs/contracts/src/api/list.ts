import Type, { type TSchema } from 'typebox';
import { optional } from './fields.js';

/** What every list answers; `nextCursor` is absent on the last page. */
export const listOf = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), nextCursor: optional(Type.String()) });
