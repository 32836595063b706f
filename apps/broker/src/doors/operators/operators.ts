import { loadAccessControl } from '@milepost/access';
import type { Logger } from '@milepost/runtime';
import type { ClientGuard } from '../../clients/client-guard.js';
import type { BrokerConfig } from '../../config.js';
import type { BrokerMetrics } from '../../metrics.js';
import type { RefusalReporter } from '../../refusals/refusal-reporter.js';
import { LoginThrottle } from './login-throttle.js';
import { OperatorGate } from './operator-gate.js';

export interface OperatorsSurroundings {
  config: Pick<BrokerConfig, 'MQTT_USERS_FILE' | 'MQTT_ACL_FILE' | 'MQTT_MAX_CLIENT_ID_BYTES'>;
  guard: Pick<ClientGuard, 'recheckAll'>;
  refusals: RefusalReporter;
  metrics: Pick<BrokerMetrics, 'gauge'>;
  logger: Logger;
}

/** Those who come with a user name and a password, at whatever door. */
export interface Operators {
  readonly userCount: number;
  /** For somebody from that address. Failed logins count for the address (of IPv6 for its /64) at all doors together. */
  gateFor(address: string): OperatorGate;
  /** Follows users and ACL no longer. */
  close(): void;
}

/** @returns undefined when there is no users file: then nobody comes in with a password. */
export async function loadOperators({ config, guard, refusals, metrics, logger }: OperatorsSurroundings): Promise<Operators | undefined> {
  if (config.MQTT_USERS_FILE === undefined) return undefined;
  const control = await loadAccessControl({
    usersFile: config.MQTT_USERS_FILE,
    aclFile: config.MQTT_ACL_FILE,
    onProblem: (err) =>
      logger.error({ event: 'broker.access.unusable', err }, 'Users or ACL changed and cannot be used; the last good ones stay'),
  });
  control.onChange(() => {
    logger.info({ event: 'broker.access.reloaded', users: control.userCount }, 'Users or ACL were read again');
    guard.recheckAll();
  });
  metrics.gauge('logins_waiting', 'Logins that wait for their password to be judged', () => control.waitingCount);
  const door = { control, throttle: new LoginThrottle(), maxClientIdBytes: config.MQTT_MAX_CLIENT_ID_BYTES, refusals };
  return {
    get userCount() {
      return control.userCount;
    },
    gateFor: (address) => new OperatorGate(address, door),
    close: () => control.close(),
  };
}
