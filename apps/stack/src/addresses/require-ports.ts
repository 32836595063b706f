import { createServer } from 'node:net';

export interface Door {
  /** What sets the port. */
  variable: string;
  /** What sets the host. */
  hostVariable: string;
  host: string;
  port: number;
}

/** Of a host, whatever the port. */
const hostFaults: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'has no address',
  EAI_AGAIN: 'has no address that could be looked up',
};

/** All of them at once, for each refused start costs a try. @throws Error that names every port that cannot be had, and the variables to set. */
export async function requirePorts(doors: readonly Door[]): Promise<void> {
  const shut: { variable: string; why: string; taken: boolean; cause: unknown }[] = [];
  const wrongHosts = new Map<string, unknown>();
  for (const { variable, hostVariable, host, port } of doors) {
    await listenOnce(port, host).catch((cause: NodeJS.ErrnoException) => {
      const fault = hostFaults[cause.code ?? ''];
      if (fault !== undefined) wrongHosts.set(`${hostVariable}: "${host}" ${fault}.`, cause);
      else shut.push({ variable, why: `Port ${port} ${whyOf(cause.code)}.`, taken: cause.code === 'EADDRINUSE', cause });
    });
  }
  const [wrongHost] = wrongHosts.values();
  if (wrongHosts.size > 0) {
    const remedy = 'Give 127.0.0.1 for this machine alone, 0.0.0.0 for all its addresses, or one of them.';
    throw new Error(`${[...wrongHosts.keys()].join(' ')} ${remedy}`, { cause: wrongHost });
  }
  if (shut.length === 0) return;
  const one = shut.length === 1;
  const ending = shut.some(({ taken }) => taken) ? `End ${one ? 'that process' : 'what has them'}, or choose` : 'Choose';
  const remedy = `${ending} ${one ? 'another port' : 'other ports'}: ${shut.map(({ variable }) => `${variable}=…`).join(' ')} npm start`;
  throw new Error(`${shut.map(({ why }) => why).join(' ')} ${remedy}`, { cause: shut[0]?.cause });
}

function whyOf(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'is in use by another process';
  return code === 'EACCES' ? 'needs more rights than this user has' : `cannot be opened (${code})`;
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
