import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Server, TlsOptions } from 'node:tls';
import type { TlsFiles } from './tls-files.js';

export type ServerReport = { kind: 'listening'; port: number } | { kind: 'collected' };

/** The frame of a server that is measured in a process of its own: files by argument, port by message, garbage collected when asked. */
export function serve(start: (files: TlsFiles) => Promise<number>): void {
  const report = (message: ServerReport) => process.send?.(message);
  process.on('message', () => {
    // Twice: the first one lets finalisers run, whose memory the second takes.
    for (let turn = 0; turn < 2; turn += 1) globalThis.gc?.();
    setTimeout(() => {
      globalThis.gc?.();
      report({ kind: 'collected' });
    }, 200);
  });
  process.once('disconnect', () => process.exit(0));
  void start(JSON.parse(process.argv[2] ?? '{}') as TlsFiles).then((port) => report({ kind: 'listening', port }));
}

/** Only clients of the CA, sessions resumable: what our broker demands too. */
export function mutualTls({ certificate, key, ca }: TlsFiles): TlsOptions {
  return {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    ca: readFileSync(ca),
    requestCert: true,
    rejectUnauthorized: true,
    sessionIdContext: 'bench',
    minVersion: 'TLSv1.2',
    noDelay: true,
  };
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve));
  return (server.address() as AddressInfo).port;
}
