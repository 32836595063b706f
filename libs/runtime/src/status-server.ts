import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './logger.js';
import type { Registry } from './metrics.js';

/** Why an app is not ready; an empty list means that it is. */
export type ReadinessCheck = () => string[] | Promise<string[]>;

export interface StatusServerOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  registry: Registry;
  ready: ReadinessCheck;
  logger: Logger;
}

export interface StatusServer {
  port: number;
  close(): Promise<void>;
}

/** `/healthz` says that the event loop turns and nothing else; `/readyz` why the app is not ready; `/metrics` for Prometheus. */
export async function createStatusServer({ host, port, registry, ready, logger }: StatusServerOptions): Promise<StatusServer> {
  const answer = async (path: string): Promise<{ status: number; type: string; body: string }> => {
    if (path === '/healthz') return { status: 200, type: 'application/json', body: '{"healthy":true}' };
    if (path === '/metrics') return { status: 200, type: registry.contentType, body: await registry.metrics() };
    if (path === '/readyz') {
      const reasons = await ready();
      return {
        status: reasons.length === 0 ? 200 : 503,
        type: 'application/json',
        body: JSON.stringify({ ready: reasons.length === 0, reasons }),
      };
    }
    return { status: 404, type: 'application/json', body: '{"error":"not found; there are /healthz, /readyz and /metrics"}' };
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    answer(path)
      .catch((error: unknown) => ({ status: 500, type: 'application/json', body: JSON.stringify({ error: String(error) }) }))
      .then(({ status, type, body }) => response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body))
      .catch((err: unknown) => logger.warn({ event: 'status.failed', err }, 'A status request could not be answered'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`Health and metrics cannot be at ${host}:${port} (STATUS_HOST, STATUS_PORT): ${cause.message}`, { cause })),
    );
    // Of this process alone, though it may share other ports with its sisters (node:cluster).
    server.listen({ port, host, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  // Such as too many open files: whoever asks is not answered then, and the app goes on.
  server.on('error', (err) => logger.warn({ event: 'status.failed', err }, 'A status request could not be taken'));
  const bound = (server.address() as AddressInfo).port;
  logger.info({ event: 'status.listening', host, port: bound }, `Health and metrics on http://${host}:${bound}`);
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
