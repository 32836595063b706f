import swagger from '@fastify/swagger';
import reference from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import { namedSchemas } from '../shared/references.js';
import { unguarded } from './unguarded.js';

const description = `Read what vehicles sent and how they are, acknowledge alerts, register webhooks.

Every list answers \`{ items, nextCursor? }\`; pass \`nextCursor\` as \`cursor\` for the next page. Times are RFC 3339 in UTC; \`from\` is inclusive, \`to\` is not.
Every error is an \`application/problem+json\` body (RFC 9457) whose \`code\` never changes its meaning. Within \`v1\`, fields are only added.

Keys are made with \`npx milepost keys create\` and sent as \`Authorization: Bearer mp_…\`.`;

/** The document at /docs/json, and pages for people at /docs. To be registered before any route. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  for (const [$id, schema] of Object.entries(namedSchemas)) app.addSchema({ ...schema, $id });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'milepost API', version: '1', description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      tags: [
        { name: 'vehicles', description: 'What they said and how they are' },
        { name: 'alerts', description: 'What somebody should look after' },
        { name: 'geofences', description: 'Places whose crossing is an alert' },
        { name: 'policies', description: 'When something is an alert, and when it is told' },
        { name: 'webhooks', description: 'Where events are sent' },
        { name: 'operations', description: 'Whether and why something does not work' },
      ],
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'mp_…' } } },
      security: [{ apiKey: [] }],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => (typeof schema.$id === 'string' ? schema.$id : `schema-${index}`),
    },
  });
  for (const url of ['/docs/json', '/openapi.json']) {
    app.route({ method: 'GET', url, ...unguarded, schema: { hide: true }, handler: async () => app.swagger() });
  }
  // Whoever opens the address that `npm start` prints wants to see something.
  app.route({
    method: 'GET',
    url: '/',
    ...unguarded,
    schema: { hide: true },
    handler: (_, reply) =>
      reply
        .code(302)
        .header('location', '/docs/')
        .type('text/plain; charset=utf-8')
        .send('This is the API of milepost: /docs is its documentation, for people; /openapi.json the same for programs.\n'),
  });
  // Browsers ask for one by themselves; that there is none is no error of theirs.
  app.route({ method: 'GET', url: '/favicon.ico', ...unguarded, schema: { hide: true }, handler: (_, reply) => reply.code(204).send() });
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      // helmet looked at the route before this hook does: it reads the rest from `config`, at each request.
      route.config = Object.assign(route.config ?? {}, { helmet: { contentSecurityPolicy } });
      route.logLevel = 'silent';
    });
    await docs.register(reference, {
      routePrefix: '/docs',
      configuration: {
        url: '/docs/json',
        pageTitle: 'milepost API',
        withDefaultFonts: false,
        telemetry: false,
        // What leads to the viewer's maker: a client, an assistant, servers for assistants, sharing and publishing. This page is somebody's fleet.
        hideClientButton: true,
        agent: { disabled: true },
        mcp: { disabled: true },
        showDeveloperTools: 'never',
      },
    });
  });
}

/** The pages draw themselves with inline scripts and styles, and ask nobody but us. */
const contentSecurityPolicy = {
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "'unsafe-inline'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    upgradeInsecureRequests: null,
  },
};
