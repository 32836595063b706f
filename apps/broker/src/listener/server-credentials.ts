import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { fileFingerprint, isReadFailure } from '@milepost/files';
import type { Trust } from '@milepost/pki';
import type { Logger } from '@milepost/runtime';

export interface ServerCredentialsOptions {
  certificateFile: string;
  keyFile: string;
  trust: Trust;
  logger: Logger;
  onChange(context: SecureContextOptions): void;
}

const POLL_MS = 2_000;

type OwnContext = SecureContextOptions & { cert: Buffer };

/** The broker's own certificate and the CAs that it announces to clients. It follows its files; what cannot be used leaves the last good one in place. */
export class ServerCredentials {
  private readonly options: ServerCredentialsOptions;
  private readonly timer: NodeJS.Timeout;
  private readonly stopListening: () => void;
  private current: OwnContext;
  private seen: string;
  /** What the file system said of a read that is tried at each look. */
  private failure: string | undefined;
  private looking: Promise<void> | undefined;

  /** @throws when the files cannot be used: at the start there is no last good certificate. */
  static async load(options: ServerCredentialsOptions): Promise<ServerCredentials> {
    const seen = await fingerprint(options);
    return new ServerCredentials(options, await readContext(options), seen);
  }

  private constructor(options: ServerCredentialsOptions, current: OwnContext, seen: string) {
    this.options = options;
    this.current = current;
    this.seen = seen;
    this.timer = setInterval(() => void this.look(), POLL_MS);
    this.timer.unref();
    this.stopListening = options.trust.onChange(() => void this.look());
  }

  get context(): SecureContextOptions {
    return this.current;
  }

  /** When the certificate in use ends. The first of its file is the broker's own. */
  get expiresAt(): Date {
    return new Date(new X509Certificate(this.current.cert).validTo);
  }

  close(): void {
    clearInterval(this.timer);
    this.stopListening();
  }

  /** One at a time: of two the earlier one may be done last, and what it has read would stay. */
  private look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const seen = await fingerprint(this.options);
    if (seen === this.seen && this.failure === undefined) return;
    if (seen !== this.seen) this.failure = undefined;
    this.seen = seen;
    await this.reload();
  }

  private async reload(): Promise<void> {
    const { logger, onChange, certificateFile } = this.options;
    try {
      this.current = await readContext(this.options);
      this.failure = undefined;
      onChange(this.current);
      logger.info({ event: 'broker.certificate.reloaded', certificateFile }, "The broker's certificate and trusted CAs were read again");
    } catch (err) {
      const known = this.failure;
      const message = err instanceof Error ? err.message : String(err);
      this.failure = isReadFailure(err) ? message : undefined;
      if (message === known) return;
      logger.error(
        { event: 'broker.certificate.unusable', certificateFile, err },
        'The new certificate cannot be used; the last good one stays',
      );
    }
  }
}

async function readContext({ certificateFile, keyFile, trust }: ServerCredentialsOptions): Promise<OwnContext> {
  const context = {
    cert: await read(certificateFile, "the broker's certificate", 'MQTT_TLS_CERT_FILE'),
    key: await read(keyFile, "the key of the broker's certificate", 'MQTT_TLS_KEY_FILE'),
    ca: trust.certificatesPem(),
    minVersion: 'TLSv1.2',
  } satisfies SecureContextOptions;
  // Throws here rather than in the listener: a key that is not the certificate's, a file that is no PEM.
  createSecureContext(context);
  return context;
}

async function read(file: string, what: string, variable: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot read ${what}: ${reason}. Set ${variable}, or make one with "npx milepost pki init".`, { cause });
  }
}

/** A new revocation list changes nothing here; and a new context makes the session tickets worthless that all clients have. */
async function fingerprint({ certificateFile, keyFile, trust }: ServerCredentialsOptions): Promise<string> {
  const files = await fileFingerprint([certificateFile, keyFile]);
  return `${files} ${trust.certificatesPem().join(' ')}`;
}
