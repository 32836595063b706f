import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { BrokerCore } from '../../broker-core.js';
import type { Gate } from '../../clients/gate.js';
import { createWebSocketListener, type Upgrade, type UpgradeFault } from '../../listener/web-socket-listener.js';
import type { BrokerMetrics } from '../../metrics.js';
import { shownText } from '../../refusals/shown-text.js';
import type { Operators } from '../operators/operators.js';
import type { Reception } from '../vehicles/reception.js';
import { VehicleGate } from '../vehicles/vehicle-gate.js';

export interface WebSocketDoorOptions {
  maxPacketBytes: number;
  /** Time from the handshake to the whole upgrade request. */
  upgradeTimeoutMs: number;
  reception: Pick<Reception, 'gateOf'>;
  /** Undefined: nobody comes in with a password. */
  operators: Pick<Operators, 'gateFor'> | undefined;
  receive: BrokerCore['receive'];
  metrics: Pick<BrokerMetrics, 'handshakes' | 'limits'>;
  now?: () => number;
}

/**
 * MQTT over WebSocket, for vehicles and users at one port. A client certificate decides who is asked for what: whoever shows one is a
 * vehicle or nobody, and is never asked for a password instead.
 */
export class WebSocketDoor {
  private readonly http: Server;
  /** Chosen after the handshake; used after the upgrade. */
  private readonly gates = new WeakMap<Socket, Gate>();

  constructor(private readonly options: WebSocketDoorOptions) {
    const { maxPacketBytes, upgradeTimeoutMs, receive, metrics } = options;
    this.http = createWebSocketListener({
      maxPacketBytes,
      upgradeTimeoutMs,
      refuse: (upgrade) => this.refusalOf(upgrade),
      onFault: (carrier, fault) => this.tell(carrier, fault),
      onLimit: (limit) => metrics.limits.inc({ limit }),
      onOpen: (client, carrier) => {
        const gate = this.gates.get(carrier);
        if (gate === undefined) client.destroy();
        else receive(client, gate);
      },
    });
  }

  /** A completed handshake. */
  secured(socket: TLSSocket, address: string): void {
    const gate = this.gateOf(socket, address);
    if (gate === undefined) return;
    this.gates.set(socket, gate);
    this.http.emit('connection', socket);
  }

  private gateOf(socket: TLSSocket, address: string): Gate | undefined {
    const { reception, operators, metrics } = this.options;
    if (operators === undefined || socket.getPeerX509Certificate() !== undefined) return reception.gateOf(socket, address);
    metrics.handshakes.inc({ resumed: String(socket.isSessionReused()) });
    return operators.gateFor(address);
  }

  private tell(carrier: Socket, fault: UpgradeFault): void {
    if (fault.kind === 'late') this.options.metrics.limits.inc({ limit: 'connect_time' });
    const gate = this.gates.get(carrier);
    if (fault.kind === 'late') gate?.report('bad_upgrade', 'no whole request for a WebSocket came in time');
    else gate?.report('bad_upgrade', fault.detail);
  }

  /** Trust may have ended since the handshake. And a web page must not use the certificate that its reader's browser holds. */
  private refusalOf({ carrier, origin }: Upgrade): number | undefined {
    const gate = this.gates.get(carrier);
    if (gate === undefined) return FORBIDDEN;
    if (gate instanceof VehicleGate && origin !== undefined) {
      gate.report('web_page', `a web page of ${shownText(origin)} asked, with a certificate`);
      return FORBIDDEN;
    }
    const dismissal = gate.recheck(new Date((this.options.now ?? Date.now)()), []);
    if (dismissal === undefined) return undefined;
    gate.report(dismissal.reason, dismissal.detail);
    return FORBIDDEN;
  }
}

const FORBIDDEN = 403;
