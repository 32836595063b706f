import { accessSync, constants, mkdtempSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { DriveError, driveVehicleId, parseDrive } from '@milepost/contracts';
import type { StackConfig } from './config.js';

/** Those of the doors that are for others. */
export const portVariables = ['MQTT_TLS_PORT', 'MQTT_OPERATOR_TLS_PORT', 'MQTT_WS_PORT', 'HTTP_PORT'] as const;

/** The whole drive: one that breaks off at its last line is refused too. @throws Error with a sentence for the user. */
export function requireDrive(file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`--replay: the file ${file} cannot be read. Is the path right, seen from this folder?`, { cause });
  }
  try {
    driveVehicleId(basename(file, extname(file)));
    parseDrive(text);
  } catch (cause) {
    if (cause instanceof DriveError) throw new Error(`--replay: ${file} cannot be replayed. ${cause.message}`, { cause });
    throw cause;
  }
}

/** One that is not there yet will be made. @throws Error with a sentence for the user when it cannot be a folder, or not be written to. */
export function requireFolder(path: string): void {
  const what = `MILEPOST_DATA_DIR: ${resolve(path)}`;
  const remedy = 'Choose another folder, or none for .milepost.';
  const stands = nearestThatIs(resolve(path), what, remedy);
  if (!stands.isFolder) throw new Error(`${what} is a file, not a folder. ${remedy}`);
  try {
    accessSync(stands.path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const why = `${stands.path} cannot be written to (${(cause as NodeJS.ErrnoException).code})`;
    throw new Error(`${what} cannot be used: ${why}. ${remedy}`, { cause });
  }
  if (stands.path === resolve(path)) return;
  // Rights are not all: in /proc root may do everything, and can make nothing. Node's recursive mkdir would try for ever.
  try {
    rmdirSync(mkdtempSync(join(stands.path, '.milepost-')));
  } catch (cause) {
    const why = `no folder can be made in ${stands.path} (${(cause as NodeJS.ErrnoException).code})`;
    throw new Error(`${what} cannot be used: ${why}. ${remedy}`, { cause });
  }
}

/** Kafka's `log.dirs` is a list. @throws Error with a sentence for the user. */
export function requireFolderForKafka(path: string, { KAFKA_BROKERS }: NodeJS.ProcessEnv): void {
  if ((KAFKA_BROKERS ?? '').trim() !== '' || !resolve(path).includes(',')) return;
  const why = 'Kafka keeps its log there, and takes a path with a comma for two folders';
  throw new Error(`MILEPOST_DATA_DIR: ${resolve(path)} cannot be used: ${why}. Choose another folder, or give KAFKA_BROKERS.`);
}

function nearestThatIs(path: string, what: string, remedy: string): { path: string; isFolder: boolean } {
  try {
    return { path, isFolder: statSync(path).isDirectory() };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) return nearestThatIs(dirname(path), what, remedy);
    const why = code === 'ENOTDIR' ? 'lies below a file, not a folder' : `cannot be looked at (${code})`;
    throw new Error(`${what} ${why}. ${remedy}`, { cause });
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
