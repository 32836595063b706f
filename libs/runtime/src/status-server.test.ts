import http, { type Server } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Registry } from 'prom-client';
import { expect, it, vi } from 'vitest';
import type { Logger } from './logger.js';
import { createStatusServer } from './status-server.js';

it('a connection that cannot be taken, for want of files, ends neither the server nor the process', async () => {
  const { createServer } = http;
  let server: Server | undefined;
  const spy = vi.spyOn(http, 'createServer').mockImplementation(((...args: Parameters<typeof createServer>) => {
    server = createServer(...args);
    return server;
  }) as typeof createServer);
  syncBuiltinESMExports();
  const warn = vi.fn();
  const logger = { info: () => undefined, warn } as unknown as Logger;
  try {
    const status = await createStatusServer({ host: '127.0.0.1', port: 0, registry: new Registry(), ready: () => [], logger });
    const tooMany = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
    for (let time = 0; time < 2; time += 1) server?.emit('error', tooMany);
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      { event: 'status.failed', err: tooMany },
      { event: 'status.failed', err: tooMany },
    ]);
    expect((await fetch(`http://127.0.0.1:${status.port}/readyz`)).status).toBe(200);
    await status.close();
  } finally {
    spy.mockRestore();
    syncBuiltinESMExports();
  }
});
