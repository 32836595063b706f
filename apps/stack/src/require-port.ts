import { createServer } from 'node:net';

/** @throws Error that names the port and the variable to set when somebody else listens there. */
export async function requirePort(port: number, variable: string, host: string): Promise<void> {
  try {
    await listenOnce(port, host);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'EADDRINUSE'
        ? 'is in use by another process'
        : code === 'EACCES'
          ? 'needs more rights than this user has'
          : `cannot be opened (${code})`;
    throw new Error(`Port ${port} ${why}. End that process, or choose another port: ${variable}=… npm start`, { cause });
  }
}

function listenOnce(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.close(() => resolve());
    });
  });
}
