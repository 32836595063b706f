import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which operating systems take the ports of outgoing connections: nobody takes ours between choosing and listening.
const LOWEST = 20_000;
const HIGHEST = 32_000;
/** Processes that choose at the same time choose from different ports: one that is free now is listened on seconds later. */
const STRIDE = 61;
const ATTEMPTS = 100;

const chosen = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on: the preferred one if it is free. */
export async function choosePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = LOWEST + (process.pid % STRIDE) + STRIDE * randomInt(Math.floor((HIGHEST - LOWEST) / STRIDE));
    if (chosen.has(port) || !(await isFree(port))) continue;
    chosen.add(port);
    return port;
  }
  throw new Error(`No free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1 after ${ATTEMPTS} attempts.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
