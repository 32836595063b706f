import type { FastifyInstance } from 'fastify';

/** Remembers each route's methods, so that a wrong method at a right path is told from a wrong path. To be called before any route is made. */
export function rememberMethods(app: FastifyInstance): (path: string) => string[] {
  const patterns: { matches: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    patterns.push({ matches: patternOf(url), methods: [method].flat() });
  });
  return (path) => [...new Set(patterns.filter(({ matches }) => matches.test(path)).flatMap(({ methods }) => methods))].sort();
}

/** `/v1/vehicles/:id` → one segment for each parameter. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}
