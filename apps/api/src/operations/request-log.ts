import type { FastifyInstance } from 'fastify';

/** One line a request: who asked for what and what came of it. Neither keys nor query strings, which may be pasted anywhere, are in it. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, principal, ip } = request;
    const path = request.url.split('?', 1)[0];
    const level = reply.statusCode >= 500 ? 'warn' : 'info';
    request.log[level](
      {
        event: 'http.request.answered',
        method,
        route: routeOptions.url,
        path,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        address: ip,
        ...(principal ? { keyId: principal.id, organisation: principal.organisation } : {}),
      },
      `${method} ${path} was answered with ${reply.statusCode}`,
    );
  });
}
