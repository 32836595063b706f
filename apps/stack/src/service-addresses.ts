import { addressFault, ConfigError, type ConfigProblem } from '@milepost/runtime';

const databaseProtocols = ['postgres:', 'postgresql:'];

/**
 * Whether the addresses of services that are given can be addresses at all; whether anybody answers there is asked when the stack starts.
 * @throws ConfigError naming both variables when both are wrong.
 */
export function requireServiceAddresses({ KAFKA_BROKERS, DATABASE_URL }: NodeJS.ProcessEnv): void {
  const problems: ConfigProblem[] = [];
  const brokers = (KAFKA_BROKERS ?? '').split(',').map((broker) => broker.trim());
  const message = addressFault(brokers.filter((broker) => broker !== ''));
  if (message !== undefined) problems.push({ variable: 'KAFKA_BROKERS', message });
  const url = DATABASE_URL?.trim() ?? '';
  // It may hold a password: not shown.
  if (url !== '' && !databaseProtocols.includes(protocolOf(url)))
    problems.push({
      variable: 'DATABASE_URL',
      message:
        'its value is no address of a Postgres, like postgres://owner:secret@db:5432/milepost; in user and password write / as %2F, # as %23, ? as %3F.',
    });
  if (problems.length > 0) throw new ConfigError(problems);
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
