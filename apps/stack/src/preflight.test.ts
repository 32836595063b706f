import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { requireDistinctPorts, requireReadable } from './preflight.js';

const ports = { MQTT_TLS_PORT: 8883, MQTT_OPERATOR_TLS_PORT: 8884, MQTT_WS_PORT: 8885, HTTP_PORT: 8080 };

it('two doors with one port are refused before anything starts', () => {
  expect(() => requireDistinctPorts(ports)).not.toThrow();
  expect(() => requireDistinctPorts({ ...ports, MQTT_WS_PORT: 0, HTTP_PORT: 0 })).not.toThrow();
  expect(() => requireDistinctPorts({ ...ports, MQTT_TLS_PORT: 8080 })).toThrow('MQTT_TLS_PORT and HTTP_PORT are both 8080');
});

it('a drive that is not there is refused before anything starts', () => {
  expect(() => requireReadable(fileURLToPath(import.meta.url))).not.toThrow();
  expect(() => requireReadable('/nowhere/drive.csv')).toThrow('/nowhere/drive.csv cannot be read');
});
