import { loadAccessControl } from '@milepost/access';
import type { Logger } from '@milepost/runtime';
import type { BrokerCore } from '../../broker-core.js';
import type { BrokerConfig } from '../../config.js';
import { TlsListener, type TlsListenerOptions } from '../../listener/tls-listener.js';
import type { BrokerMetrics } from '../../metrics.js';
import type { RefusalReporter } from '../../refusals/refusal-reporter.js';
import { LoginThrottle } from './login-throttle.js';
import { OperatorGate } from './operator-gate.js';

export interface OperatorDoorSurroundings {
  config: BrokerConfig;
  /** What the listener has in common with that of the vehicles. */
  listener: Omit<TlsListenerOptions, 'port' | 'requestCertificate' | 'onSecure'>;
  core: Pick<BrokerCore, 'receive' | 'guard'>;
  refusals: RefusalReporter;
  metrics: Pick<BrokerMetrics, 'handshakes' | 'gauge'>;
  logger: Logger;
}

export interface OperatorDoor {
  readonly listener: TlsListener;
  /** Follows users and ACL no longer. */
  close(): void;
}

/** MQTT over TLS for users with a password. @returns undefined when there is no users file: then the door stays shut. */
export async function openOperatorDoor(surroundings: OperatorDoorSurroundings): Promise<OperatorDoor | undefined> {
  const { config, core, refusals, metrics, logger } = surroundings;
  if (config.MQTT_USERS_FILE === undefined) return undefined;
  const control = await loadAccessControl({
    usersFile: config.MQTT_USERS_FILE,
    aclFile: config.MQTT_ACL_FILE,
    onProblem: (err) =>
      logger.error({ event: 'broker.access.unusable', err }, 'Users or ACL changed and cannot be used; the last good ones stay'),
  });
  control.onChange(() => {
    logger.info({ event: 'broker.access.reloaded', users: control.userCount }, 'Users or ACL were read again');
    core.guard.recheckAll();
  });
  const door = { control, throttle: new LoginThrottle(), refusals };
  const listener = new TlsListener({
    ...surroundings.listener,
    port: config.MQTT_OPERATOR_TLS_PORT,
    requestCertificate: false,
    onSecure: (socket, address) => {
      metrics.handshakes.inc({ resumed: String(socket.isSessionReused()) });
      core.receive(socket, new OperatorGate(address, door));
    },
  });
  metrics.gauge('logins_waiting', 'Logins that wait for their password to be judged', () => control.waitingCount);
  const port = await listener.listen();
  logger.info(
    { event: 'broker.operators.listening', host: config.MQTT_HOST, port, users: control.userCount },
    `MQTT over TLS with passwords on port ${port}`,
  );
  return { listener, close: () => control.close() };
}
