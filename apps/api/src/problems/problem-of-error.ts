import type { FastifyError } from 'fastify';
import { DatabaseFailure } from '../database.js';
import { ApiProblem } from './problem.js';
import { validationProblem } from './validation-problem.js';

const retryAfterSeconds = '5';

/** Every error becomes a problem; what nobody foresaw is an `internal_error` that says nothing of its cause. */
export function problemOfError(error: unknown, requestId: string): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof DatabaseFailure) return databaseProblem(error);
  const { validation, validationContext, code, message } = (error ?? {}) as Partial<FastifyError>;
  if (validation) return validationProblem(validation, validationContext);
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiProblem('unsupported_media_type', 'Send the body as application/json.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiProblem('body_too_large', 'Send a smaller body: none of this API needs one of this size.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ApiProblem('invalid_json', `The body could not be read as JSON: ${message}`);
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ApiProblem('route_not_found', 'The path cannot be one of this API; see /docs.');
    default:
      // JSON.parse's own error comes without a code of Fastify's.
      if (error instanceof SyntaxError && (error as FastifyError).statusCode === 400) {
        return new ApiProblem('invalid_json', `The body could not be read as JSON: ${message}`);
      }
      return new ApiProblem('internal_error', `This is not your fault. The log has the cause under request ${requestId}.`);
  }
}

function databaseProblem({ kind }: DatabaseFailure): ApiProblem {
  switch (kind) {
    case 'unavailable':
      return new ApiProblem(
        'database_unavailable',
        'Nothing was changed. Try again in a few seconds.',
        {},
        { 'retry-after': retryAfterSeconds },
      );
    case 'timeout':
      return new ApiProblem(
        'query_timeout',
        'Ask for a shorter time range or a smaller limit, or try again later.',
        {},
        { 'retry-after': retryAfterSeconds },
      );
  }
}
