import Type, { type Static } from 'typebox';
import { optional } from './fields.js';

/** RFC 9457, with a stable `code`. */
export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  errors: optional(
    Type.Array(
      Type.Object({ pointer: optional(Type.String()), parameter: optional(Type.String()), code: Type.String(), message: Type.String() }),
    ),
  ),
  limit: optional(Type.Number()),
  remedy: optional(Type.String()),
  oldestCursor: optional(Type.String({ description: 'cursor_expired: the oldest cursor that is still valid' })),
});
export type Problem = Static<typeof ProblemSchema>;
