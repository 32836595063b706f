import type { TLSSocket } from 'node:tls';
import { identifyPeer } from '@milepost/pki';
import type { Logger } from '@milepost/runtime';
import { handshakeFailureOf } from '../../listener/handshake-failure.js';
import type { BrokerMetrics } from '../../metrics.js';
import { certificateAttempt } from '../../refusals/refusal-reporter.js';
import { type VehicleDoorOptions, VehicleGate } from './vehicle-gate.js';

export interface ReceptionOptions {
  door: VehicleDoorOptions;
  metrics: Pick<BrokerMetrics, 'handshakes' | 'handshakeFailures'>;
  logger: Logger;
}

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
    const { code } = error;
    const { reason, detail } = handshakeFailureOf(error);
    this.options.metrics.handshakeFailures.inc({ reason: (code ?? 'unknown').replace(/^ERR_(SSL|TLS)_/, '').toLowerCase() });
    this.options.logger.info({ event: 'broker.handshake.failed', address, reason, detail, code }, 'A TLS handshake was not completed');
    // As refusals these stand among the connection attempts, with what to do, and are thinned out there.
    if (reason === 'not_tls' || reason === 'broker_not_trusted')
      this.options.door.refusals.refused({ address, reason }, `${detail} (${code})`);
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
