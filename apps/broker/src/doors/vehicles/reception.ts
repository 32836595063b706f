import type { TLSSocket } from 'node:tls';
import { identifyPeer } from '@milepost/pki';
import type { Logger } from '@milepost/runtime';
import type { BrokerMetrics } from '../../metrics.js';
import { certificateAttempt } from '../../refusals/refusal-reporter.js';
import { type VehicleDoorOptions, VehicleGate } from './vehicle-gate.js';

export interface ReceptionOptions {
  door: VehicleDoorOptions;
  metrics: Pick<BrokerMetrics, 'handshakes' | 'handshakeFailures'>;
  logger: Logger;
}

/** What OpenSSL says of plain MQTT and of plain HTTP. */
const NOT_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST']);
/**
 * Alerts by which a client says that it does not accept our certificate (RFC 8446 §6.2), as OpenSSL names them. A host name that is another
 * comes as bad_certificate or certificate_unknown, according to the client.
 */
const BROKER_NOT_TRUSTED = new Set([
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
  'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
  'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
  'ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE',
]);
/** How long a refused peer has to take our close notify. */
const FAREWELL_MS = 1_000;

/** Looks at whoever comes with a certificate: a vehicle, or somebody who is turned away with a reason. */
export class Reception {
  constructor(private readonly options: ReceptionOptions) {}

  /**
   * Runs after every handshake, a resumed one too: the session brings the certificate back, which may have been revoked or have
   * expired since.
   * @returns undefined when no trusted CA vouches for the peer: it is sent away, and nothing of it is ever read.
   */
  gateOf(socket: TLSSocket, address: string): VehicleGate | undefined {
    const { door, metrics } = this.options;
    metrics.handshakes.inc({ resumed: String(socket.isSessionReused()) });
    const result = identifyPeer(socket, door.trust);
    if (result.ok) return new VehicleGate(result, address, door);
    metrics.handshakeFailures.inc({ reason: result.reason });
    door.refusals.refused(certificateAttempt(result, address), result.detail);
    sendAway(socket);
    return undefined;
  }

  failed(error: NodeJS.ErrnoException, address: string): void {
    const reason = error.code ?? 'unknown';
    this.options.metrics.handshakeFailures.inc({ reason: reason.replace(/^ERR_(SSL|TLS)_/, '').toLowerCase() });
    this.options.logger.info(
      { event: 'broker.handshake.failed', address, code: error.code, detail: error.message },
      'A TLS handshake was not completed',
    );
    // As refusals these stand among the connection attempts, with what to do, and are thinned out there.
    const { refusals } = this.options.door;
    if (NOT_TLS.has(reason)) refusals.refused({ address, reason: 'not_tls' }, `the first bytes are no TLS record (${reason})`);
    if (BROKER_NOT_TRUSTED.has(reason))
      refusals.refused({ address, reason: 'broker_not_trusted' }, `the client does not accept the broker's certificate (${reason})`);
  }

  overloaded(address: string): void {
    this.options.door.refusals.refused({ address, reason: 'overloaded' }, 'too many connections are open or wait for their handshake');
  }
}

function sendAway(socket: TLSSocket): void {
  socket.on('error', () => undefined);
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(timer));
}
