import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface MosquittoResult {
  code: number;
  /** What it printed, on both streams. */
  output: string;
}

export interface MosquittoOptions {
  port: number;
  /** Of the authority of the server's certificate; without it the connection is plain TCP. */
  caFile?: string;
  username?: string;
  password?: string;
  /** `DIR/VEHICLE.crt` and `.key` as `milepost pki issue` writes them. */
  certificate?: { dir: string; vehicleId: string };
  protocol: 'mqttv311' | 'mqttv5';
  /** Client id; the vehicle's unless said. */
  clientId?: string;
}

const TIMEOUT_MS = 20_000;

/** @throws with how to install them when they are not there: these tests are never skipped. */
export function requireMosquittoClients(): void {
  const { error } = spawnSync('mosquitto_pub', ['--help']);
  if (error)
    throw new Error('mosquitto_pub is not installed. Install it: apt-get install mosquitto-clients (Debian), or brew install mosquitto.');
}

/** Runs one of Debian's mosquitto-clients to its end, or until it is `killed`, with SIGKILL. */
export function mosquitto(
  program: 'mosquitto_pub' | 'mosquitto_sub',
  { port, caFile, username, password, certificate, protocol, clientId = certificate?.vehicleId ?? 'nobody' }: MosquittoOptions,
  args: readonly string[],
  killed?: AbortSignal,
): Promise<MosquittoResult> {
  const tls = certificate
    ? ['--cert', join(certificate.dir, `${certificate.vehicleId}.crt`), '--key', join(certificate.dir, `${certificate.vehicleId}.key`)]
    : [];
  const authority = caFile === undefined ? [] : ['--cafile', caFile];
  const login = username === undefined ? [] : ['-u', username, '-P', password ?? ''];
  const common = ['-h', 'localhost', '-p', String(port), '-V', protocol, '-i', clientId, ...authority, ...login, ...tls];
  return new Promise((resolve) => {
    const child = execFile(program, [...common, ...args], { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, output: stdout + stderr });
    });
    killed?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  });
}
