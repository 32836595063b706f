import { connectionUrl } from '@milepost/database';
import type { StackConfig } from '../config.js';
import type { RunningStack } from '../stack.js';
import { issueByHand } from './issue-by-hand.js';
import { psqlByHand } from './psql-by-hand.js';

/** What a new user, who called us from that folder, needs to go on, and nothing else. */
export function banner({ file, folder }: RunningStack, config: StackConfig, standsIn: string): string {
  const standpoint = { standsIn, dataFolder: folder.path, issueCommand: file.issueCommand };
  const rows: [string, string][] = [
    ['API', `${file.apiUrl}   (its documentation: ${file.apiUrl}/docs)`],
    ['API key', `${file.apiKey}   (development: all scopes of organisation "default")`],
    ['MQTT', `${file.mqttUrl}   (mutual TLS; CA: ${file.caFile})`],
    ['MQTT, users', usersDoor(file, config)],
    ['MQTT, WebSocket', `${file.webSocketMqttUrl}   (vehicles with their certificate, users with their password)`],
    ['Kafka', file.kafkaBrokers],
    ['Postgres', `${withoutPassword(file.databaseUrl)}   (its password is in stack.json)`],
    ['Webhooks', `may go to ${config.WEBHOOK_ALLOW.join(', ')} beside public addresses (WEBHOOK_ALLOW; a development setting)`],
    ['Data, logs', `${folder.path}   (stack.json there tells programs the same)`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '',
    'milepost is up.',
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
    'Try:',
    `  curl -H 'Authorization: Bearer ${file.apiKey}' ${file.apiUrl}/v1/positions`,
    `  ${issueByHand(standpoint)} my-truck --out ./my-truck`,
    `  ${psqlByHand(standpoint)}`,
    '',
    'Ctrl-C stops everything; the next start goes on with the same data.',
  ].join('\n');
}

/** Shut where several processes share the doors: each would show its users its own vehicles alone. */
function usersDoor(
  { operatorMqttUrl, operatorUserName, operatorPassword }: RunningStack['file'],
  { BROKER_PROCESSES }: StackConfig,
): string {
  if (BROKER_PROCESSES > 1) return `nobody comes in (BROKER_PROCESSES=${BROKER_PROCESSES})`;
  return `${operatorMqttUrl}   (user ${operatorUserName}, password ${operatorPassword})`;
}

/** The owner's opens every organisation's data, and terminals are shown around and kept. */
function withoutPassword(url: string): string {
  const shown = connectionUrl(url);
  if (shown.password !== '') shown.password = '***';
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***');
  return shown.href;
}
