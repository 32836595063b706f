import { getEventListeners, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomesReady } from './app-readiness.js';

let asked: (string | undefined)[];
let readyAfter: number;
let server: Server;
let statusPort: number;

beforeEach(async () => {
  asked = [];
  server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(asked.length > readyAfter ? 200 : 503).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  statusPort = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('becomesReady', () => {
  it('asks until the app says that it is ready, and not only that it answers', async () => {
    readyAfter = 2;
    expect(await becomesReady(statusPort, new AbortController().signal)).toBe(true);
    expect(asked).toEqual(['/readyz', '/readyz', '/readyz']);
  });

  it('leaves nothing on the signal, which lives as long as the app', async () => {
    readyAfter = 3;
    const { signal } = new AbortController();
    expect(await becomesReady(statusPort, signal)).toBe(true);
    expect(asked).toHaveLength(4);
    // Where Node keeps the signals that were made of this one (AbortSignal.any).
    const dependants = Object.getOwnPropertySymbols(signal).find(({ description }) => description === 'kDependantSignals');
    expect(dependants === undefined ? 0 : ((Reflect.get(signal, dependants) as { size: number } | undefined)?.size ?? 0)).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends with the signal when the app is never ready', async () => {
    readyAfter = Number.POSITIVE_INFINITY;
    const abort = new AbortController();
    const outcome = becomesReady(statusPort, abort.signal);
    await once(server, 'request');
    abort.abort();
    expect(await outcome).toBe(false);
  });
});
