import type { Problem } from '@milepost/contracts';
import { type ProblemCode, problemCodes } from './codes.js';

export const problemMediaType = 'application/problem+json';

type Extensions = Omit<Problem, 'type' | 'title' | 'status' | 'code' | 'detail'>;

/** An answer that is an error, thrown where it is found out. `detail` says what happened, to what, and what to do. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly extensions: Extensions = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  get status(): number {
    return problemCodes[this.code].status;
  }

  /** RFC 9457 §3. The type is a URN: it names the problem and leads nowhere; the OpenAPI document lists all codes. */
  get body(): Problem {
    const { status, title } = problemCodes[this.code];
    return { type: `urn:milepost:problem:${this.code}`, title, status, code: this.code, detail: this.message, ...this.extensions };
  }
}

/** A parameter of the path or query that is wrong. */
export function invalidParameter(parameter: string, code: string, message: string, extensions: Extensions = {}): ApiProblem {
  return new ApiProblem('invalid_request', `${parameter}: ${message}`, { ...extensions, errors: [{ parameter, code, message }] });
}

/** A field of the body that is wrong by what a schema cannot say; `pointer` as in RFC 6901. */
export function invalidField(pointer: string, message: string): ApiProblem {
  return new ApiProblem('invalid_request', `body ${pointer}: ${message}`, { errors: [{ pointer, code: 'invalid_field', message }] });
}
