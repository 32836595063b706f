import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { DriveError, driveVehicleId, type LocationItem, parseDrive } from '@milepost/contracts';
import { sleep } from '@milepost/runtime';
import { credentialsFor, type FleetContext, linkFor } from '../fleet.js';
import type { VehicleLink } from '../link/vehicle-link.js';
import { parseSpeed, type ScheduledFix, schedule } from './schedule.js';

export interface Replay {
  /** When every fix is acknowledged or refused, or the replay was stopped. */
  done: Promise<void>;
  stop(): Promise<void>;
}

type FixSink = Pick<VehicleLink, 'location'> & { send(kind: 'location', item: LocationItem): void };

/** Replays a recorded drive once. @throws DriveError when the file or the speed is not usable. */
export async function startReplay(context: FleetContext, file: string): Promise<Replay> {
  const { config, logger } = context;
  const speed = parseSpeed(config.REPLAY_SPEED);
  if (speed === undefined)
    throw new DriveError(`REPLAY_SPEED is "${config.REPLAY_SPEED}"; it must be a number above 0 (1 is real time) or max.`);
  const vehicleId = saying(file, () => driveVehicleId(basename(file, extname(file))));
  const text = await textOf(file);
  const fixes = saying(file, () => parseDrive(text));
  const [credentials] = await credentialsFor(config, [vehicleId]);
  if (credentials === undefined) throw new Error('unreachable: one vehicle, one certificate');

  const link = linkFor(credentials, context);
  const running = link.run();
  const stopping = new AbortController();
  logger.info({ event: 'replay.started', vehicleId, file, fixes: fixes.length, speed }, `${vehicleId} replays ${fixes.length} fixes`);
  const done = feed(link, schedule(fixes, speed, Date.now()), stopping.signal).then((isOver) => {
    if (!isOver) return;
    const refused = link.refused.location;
    const outcome = { event: 'replay.finished', vehicleId, fixes: fixes.length, refused };
    if (refused === 0) logger.info(outcome, `Every fix of ${vehicleId} is acknowledged`);
    else logger.warn(outcome, `${refused} of ${fixes.length} fixes of ${vehicleId} were refused; the others are acknowledged`);
  });
  return {
    done,
    async stop() {
      stopping.abort();
      await link.stop();
      await running;
    },
  };
}

/** In its own pace, whatever is done to the clock meanwhile. Never drops a fix: when the buffer is full it waits. @returns whether all are acknowledged or refused. */
export async function feed(link: FixSink, fixes: readonly ScheduledFix[], signal: AbortSignal): Promise<boolean> {
  const beganMs = performance.now();
  for (const [sequence, { fix, dueMs, recordedAt }] of fixes.entries()) {
    const waitMs = beganMs + dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, signal);
    while (link.location.isFull && !signal.aborted) await link.location.changed(signal);
    if (signal.aborted) return false;
    const { atMs: _, ...values } = fix;
    link.send('location', { recordedAt: recordedAt.toISOString(), ...values, sequence } satisfies LocationItem);
  }
  while (link.location.size > 0 && !signal.aborted) await link.location.changed(signal);
  return !signal.aborted;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DriveError(`${resolve(file)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** @throws DriveError that names the file. */
function saying<T>(file: string, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (error instanceof DriveError) throw new DriveError(`${resolve(file)} cannot be replayed. ${error.message}`);
    throw error;
  }
}
