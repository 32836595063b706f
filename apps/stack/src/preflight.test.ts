import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { requireDistinctPorts, requireDrive, requireFolder } from './preflight.js';

const ports = { MQTT_TLS_PORT: 8883, MQTT_OPERATOR_TLS_PORT: 8884, MQTT_WS_PORT: 8885, HTTP_PORT: 8080 };
const thisFile = fileURLToPath(import.meta.url);

it('two doors with one port are refused before anything starts', () => {
  expect(() => requireDistinctPorts(ports)).not.toThrow();
  expect(() => requireDistinctPorts({ ...ports, MQTT_WS_PORT: 0, HTTP_PORT: 0 })).not.toThrow();
  expect(() => requireDistinctPorts({ ...ports, MQTT_TLS_PORT: 8080 })).toThrow('MQTT_TLS_PORT and HTTP_PORT are both 8080');
});

it('a drive that is not there, or is none, is refused before anything starts', () => {
  expect(() => requireDrive('/nowhere/drive.csv')).toThrow('/nowhere/drive.csv cannot be read');
  expect(() => requireDrive(tmpdir())).toThrow('cannot be read');
  expect(() => requireDrive(thisFile)).toThrow('cannot be replayed. Line 1 must be "field,signal,value,delay"');
});

it('a data folder that is a file, or below one, is refused before anything starts', () => {
  expect(() => requireFolder(tmpdir())).not.toThrow();
  expect(() => requireFolder('/nowhere/at/all')).not.toThrow();
  expect(() => requireFolder(thisFile)).toThrow(`MILEPOST_DATA_DIR: ${thisFile} is a file, not a folder.`);
  expect(() => requireFolder(`${thisFile}/data`)).toThrow('lies below a file');
});

// The one folder that root cannot write to either.
it('a data folder that cannot be written to, or not be made, is refused before anything starts', () => {
  expect(() => requireFolder('/proc/sys')).toThrow('MILEPOST_DATA_DIR: /proc/sys cannot be used: /proc/sys cannot be written to (EACCES).');
  expect(() => requireFolder('/proc/sys/mile/post')).toThrow('/proc/sys cannot be written to');
});
