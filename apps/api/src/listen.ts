import type { AddressInfo } from 'node:net';
import type { Logger } from '@milepost/runtime';
import type { Api } from './route.js';

/** @throws an Error that says which variable to change when the address cannot be used. @returns the port, also when 0 was asked for. */
export async function listen(app: Api, { host, port, logger }: { host: string; port: number; logger: Logger }): Promise<number> {
  try {
    await app.listen({ host, port, listenTextResolver: () => '' });
  } catch (error) {
    throw new Error(`The API cannot listen on ${host}:${port}: ${remedyOf(error as NodeJS.ErrnoException, host, port)}`, { cause: error });
  }
  const bound = (app.server.address() as AddressInfo).port;
  logger.info({ event: 'http.listening', host, port: bound }, `The API answers on http://${host}:${bound}, its documentation is at /docs`);
  return bound;
}

function remedyOf({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `another program has port ${port}. End it, or choose another port with HTTP_PORT (0 takes a free one).`;
    case 'EACCES':
      return `port ${port} needs rights that this user does not have. Choose one above 1023 with HTTP_PORT.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set HTTP_HOST, to 127.0.0.1 or 0.0.0.0 for example.`;
    default:
      return message;
  }
}
