// Our broker behind its vehicles' door, with a log that answers by itself.
import { Reception } from '@milepost/broker/doors/vehicles/reception.js';
import { VehicleGate } from '@milepost/broker/doors/vehicles/vehicle-gate.js';
import { Entrance } from '@milepost/broker/listener/entrance/entrance.js';
import { ServerCredentials } from '@milepost/broker/listener/server-credentials.js';
import { TlsListener } from '@milepost/broker/listener/tls-listener.js';
import { loadTrust } from '@milepost/pki';
import { createBenchCore } from './bench-core.js';
import { serve } from './serve.js';

// Vehicles may not read each other; in the fan-out they do.
VehicleGate.prototype.maySubscribe = () => true;

serve(async ({ certificate, key, trust: trustFile }) => {
  const trust = await loadTrust(trustFile);
  const { receive, departures, door, metrics, logger } = await createBenchCore(trust);
  const reception = new Reception({ door, metrics, logger });
  const credentials = await ServerCredentials.load({
    certificateFile: certificate,
    keyFile: key,
    trust,
    logger,
    onChange: () => undefined,
  });
  const listener = new TlsListener({
    host: '127.0.0.1',
    port: 0,
    backlog: 4_096,
    entrance: new Entrance({
      maxConnections: 50_000,
      maxHandshakes: 64,
      maxWaiting: 4_096,
      handshakesPerSecond: 0,
      leaving: () => departures.waitingCount,
      onLimit: () => undefined,
    }),
    handshakeTimeoutMs: 10_000,
    context: credentials.context,
    requestCertificate: true,
    onSecure: (socket, address) => {
      const gate = reception.gateOf(socket, address);
      if (gate !== undefined) receive(socket, gate);
    },
    onFailed: (error, address) => reception.failed(error, address),
    onOverload: (address) => reception.overloaded(address),
  });
  return listener.listen();
});
