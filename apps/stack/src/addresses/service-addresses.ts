import { connectionUrlFault } from '@milepost/database';
import { addressFault, ConfigError, type ConfigProblem } from '@milepost/runtime';

/**
 * Whether the addresses of services that are given can be addresses at all; whether anybody answers there is asked when the stack starts.
 * @throws ConfigError naming both variables when both are wrong.
 */
export function requireServiceAddresses({ KAFKA_BROKERS, DATABASE_URL, PGHOST }: NodeJS.ProcessEnv): void {
  const problems: ConfigProblem[] = [];
  const brokers = (KAFKA_BROKERS ?? '').split(',').map((broker) => broker.trim());
  const message = addressFault(brokers.filter((broker) => broker !== ''));
  if (message !== undefined) problems.push({ variable: 'KAFKA_BROKERS', message });
  const url = DATABASE_URL?.trim() ?? '';
  const fault = url === '' ? undefined : connectionUrlFault(url, PGHOST);
  if (fault !== undefined) problems.push({ variable: 'DATABASE_URL', message: fault });
  if (problems.length > 0) throw new ConfigError(problems);
}
