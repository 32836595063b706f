import type { FastifyInstance, FastifyReply } from 'fastify';
import { rememberMethods } from './allowed-methods.js';
import { ApiProblem, problemMediaType } from './problem.js';
import { problemOfError } from './problem-of-error.js';

/** Every answer that is an error is a problem body. To be called before any route is made. */
export function registerProblems(app: FastifyInstance): void {
  const methodsAt = rememberMethods(app);

  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOfError(error, {
      id: request.id,
      method: request.method,
      contentType: request.headers['content-type'],
      bodyLimitBytes: request.routeOptions.bodyLimit,
      body: request.body,
      query: request.query,
    });
    if (problem.code === 'internal_error') {
      request.log.error(
        { event: 'http.request.failed', route: request.routeOptions.url, err: error },
        'A request failed for a reason that nobody foresaw',
      );
    } else if (problem.status >= 500) {
      request.log.warn({ event: 'http.request.unserved', code: problem.code, err: error }, problem.message);
    }
    return sendProblem(reply, problem);
  });

  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const methods = methodsAt(path);
    if (methods.length === 0) throw new ApiProblem('route_not_found', `There is nothing at ${path}; /docs shows all paths.`);
    const allow = methods.join(', ');
    return sendProblem(
      reply,
      new ApiProblem('method_not_allowed', `${request.method} is not allowed at ${path}, only ${allow}.`, {}, { allow }),
    );
  });
}

export function sendProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  return reply.code(problem.status).headers(problem.headers).type(problemMediaType).send(problem.body);
}
