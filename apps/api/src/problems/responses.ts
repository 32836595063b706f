import { reference } from '../shared/references.js';
import { type ProblemCode, problemCodes } from './codes.js';
import { problemMediaType } from './problem.js';

/** Any route under /v1 may answer with these. */
const common: readonly ProblemCode[] = [
  'invalid_request',
  'missing_api_key',
  'invalid_api_key',
  'missing_scope',
  'rate_limited',
  'internal_error',
  'database_unavailable',
  'query_timeout',
  'overloaded',
];

/** The problems of a route for its schema's `response`: by status, with their codes. */
export function problemResponses(...own: ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...own, ...common]) {
    const { status } = problemCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${problemCodes[code].title}`).join('\n\n'),
        content: { [problemMediaType]: { schema: reference('Problem') } },
      },
    ]),
  );
}
