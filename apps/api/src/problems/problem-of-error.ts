import type { FastifyError } from 'fastify';
import { DatabaseFailure } from '../database.js';
import { ApiProblem } from './problem.js';
import { validationProblem } from './validation-problem.js';

const retryAfterSeconds = '5';

/** What is known of the request that failed. */
interface RequestFacts {
  id: string;
  method?: string | undefined;
  contentType?: string | undefined;
  bodyLimitBytes?: number | undefined;
  body?: unknown;
  query?: unknown;
}

/** Every error becomes a problem; what nobody foresaw is an `internal_error` that says nothing of its cause. */
export function problemOfError(error: unknown, { id, method, contentType, bodyLimitBytes, body, query }: RequestFacts): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof DatabaseFailure) return databaseProblem(error, method);
  const { validation, validationContext, code, message } = (error ?? {}) as Partial<FastifyError>;
  if (validation) return validationProblem(validation, validationContext, validationContext === 'body' ? body : query);
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiProblem(
        'unsupported_media_type',
        `The body came as ${contentType === undefined ? 'no media type' : JSON.stringify(contentType)}. Send it as application/json, with that as content-type.`,
      );
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyLimitBytes === undefined
        ? new ApiProblem('body_too_large', 'Send a smaller body: none of this API needs one of this size.')
        : new ApiProblem('body_too_large', `The body is larger than the ${bodyLimitBytes} bytes that are read here. Send a smaller one.`, {
            limit: bodyLimitBytes,
          });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ApiProblem('invalid_json', `The body could not be read as JSON: ${message}`);
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ApiProblem('route_not_found', 'The path cannot be one of this API; see /docs.');
    default:
      return new ApiProblem('internal_error', `This is not your fault. The log has the cause under request ${id}.`);
  }
}

function databaseProblem({ kind, inDoubt }: DatabaseFailure, method: string | undefined): ApiProblem {
  const headers = { 'retry-after': retryAfterSeconds };
  const doubt =
    inDoubt && method !== 'GET' && method !== 'HEAD'
      ? 'The answer to the commit did not come: whether it was done is not known. Look at what is there before you send it again.'
      : undefined;
  switch (kind) {
    case 'unavailable':
      return new ApiProblem('database_unavailable', doubt ?? 'Nothing was changed. Try again in a few seconds.', {}, headers);
    case 'timeout':
      return new ApiProblem(
        'query_timeout',
        doubt ?? 'Nothing was changed. Ask for a shorter time range or a smaller limit, or try again later.',
        {},
        headers,
      );
  }
}
