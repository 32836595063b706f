import { accessSync, constants } from 'node:fs';
import type { StackConfig } from './config.js';

const portVariables = ['MQTT_TLS_PORT', 'MQTT_OPERATOR_TLS_PORT', 'MQTT_WS_PORT', 'HTTP_PORT'] as const;

/** What is wrong before anything starts. @throws Error with a sentence for the user. */
export function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new Error(`--replay: the file ${file} cannot be read. Is the path right, seen from this folder?`, { cause });
  }
}

/** @throws Error that names both variables when two doors are to have one port; 0 is a free one for each. */
export function requireDistinctPorts(config: Pick<StackConfig, (typeof portVariables)[number]>): void {
  for (const [index, variable] of portVariables.entries()) {
    if (config[variable] === 0) continue;
    const earlier = portVariables.slice(0, index).find((other) => config[other] === config[variable]);
    if (earlier !== undefined) throw new Error(`${earlier} and ${variable} are both ${config[variable]}: give each a port of its own.`);
  }
}
