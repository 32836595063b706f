import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

it('a data folder is refused where nothing can be made, whoever asks, and trying leaves nothing behind', () => {
  // Root may write in /proc, and is told ENOENT for all it makes there.
  expect(() => requireFolder('/proc/mile/post')).toThrow(
    /^MILEPOST_DATA_DIR: \/proc\/mile\/post cannot be used: (no folder can be made in \/proc \(ENOENT\)|\/proc cannot be written to \(EACCES\))\. Choose/,
  );
  const parent = mkdtempSync(join(tmpdir(), 'milepost-preflight-'));
  requireFolder(join(parent, 'mile/post'));
  expect(readdirSync(parent)).toEqual([]);
  rmdirSync(parent);
});
