import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocationItem, type StatusItem, topics } from '@milepost/contracts';
import { eventually, readTopic, type TestPki, type TestTopics, type TopicReader, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';

describe('simulator', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let kafka: TestTopics;
  let location: TopicReader;
  let presence: TopicReader;
  let vehicles: Record<string, string>;

  beforeAll(async () => {
    [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    const broker = await scope.app('broker', { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'node-s' });
    vehicles = { MQTT_URL: `mqtts://127.0.0.1:${(await broker.waitForLog('broker.listening')).port}`, PKI_DIR: pki.dir };
    [location, presence] = await Promise.all([readTopic(scope, kafka, topics.location), readTopic(scope, kafka, topics.presence)]);
  });

  const fixesOf = (vehicleId: string) => location.values<LocationItem | LocationItem[]>(vehicleId).flat();

  test('loses no fix of a fleet that loses its network again and again, and leaves with DISCONNECT', async () => {
    const simulator = await scope.app('simulator', {
      ...vehicles,
      FLEET_SIZE: '4',
      REPORT_INTERVAL_MS: '50',
      NETWORK_LOSS_SHARE: '0.5',
      NETWORK_LOSS_EVERY_S: '1',
      NETWORK_LOSS_SECONDS: '0.3',
    });
    const metric = (name: string) => simulator.metric(`milepost_simulator_${name}`);
    await eventually(async () => expect(await metric('connections_lost_total')).toBeGreaterThan(3), { timeoutMs: 30_000 });
    await eventually(async () => expect(await metric('connections')).toBeGreaterThan(1), { timeoutMs: 30_000 });
    expect(await metric('items_lost_total')).toBe(0);
    expect(await simulator.stop()).toBe(0);

    const causes = await presence.until<{ kind: string; cause?: string; vehicleId?: string }>((all) => {
      const open = new Map<string | undefined, boolean>();
      for (const { kind, vehicleId } of all) if (kind === 'connected' || kind === 'disconnected') open.set(vehicleId, kind === 'connected');
      return open.size === 4 && ![...open.values()].includes(true);
    });
    expect(new Set(causes.flatMap(({ cause }) => cause ?? []))).toEqual(new Set(['network_error', 'client_disconnect']));
    for (const vehicleId of ['truck-0001', 'truck-0002', 'truck-0003', 'truck-0004']) {
      const sequences = [...new Set(fixesOf(vehicleId).map(({ sequence = -1 }) => sequence))].sort((a, b) => a - b);
      expect(sequences.length).toBeGreaterThan(1);
      // A vehicle that was cut off at the very end keeps the rest to itself; what was sent has no gap.
      expect(sequences).toEqual(Array.from(sequences, (_, index) => index));
    }
  });

  test('replays a drive once: every fix in order with the coordinates of the file, the last one now', async () => {
    const file = join(pki.dir, 'lap.csv');
    const rows = Array.from({ length: 120 }, (_, n) => [
      `current,Vehicle.CurrentLocation.Latitude,${43 + n / 1_000_000_007},0`,
      `current,Vehicle.CurrentLocation.Longitude,${-80 - n / 3},0`,
      `current,Vehicle.Speed,${n},0.5`,
    ]).flat();
    await writeFile(file, ['field,signal,value,delay', ...rows].join('\n'));
    const status = await readTopic(scope, kafka, topics.status);
    const replay = await scope.app('simulator', { ...vehicles, REPLAY_FILE: file, REPLAY_SPEED: 'max' }, { waitUntilReady: false });
    const { time: startedAt } = await replay.waitForLog('replay.started', 20_000);
    await replay.waitForLog('replay.finished', 20_000);
    await replay.waitForLog('app.stopped');
    await status.until<StatusItem>((all) => all.some((item) => item.status === 'offline' && item.reason === 'stopped'), 'replay-lap');

    await eventually(() => expect(fixesOf('replay-lap')).toHaveLength(120));
    const fixes = fixesOf('replay-lap');
    expect(fixes.map(({ latitude, longitude }) => [latitude, longitude])).toEqual(
      Array.from(fixes, (_, n) => [43 + n / 1_000_000_007, -80 - n / 3]),
    );
    const times = fixes.map(({ recordedAt }) => new Date(recordedAt).getTime());
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual(Array.from(fixes, (_, n) => n * 500));
    // From its own first word on: how long a process takes to come up says nothing of the replay.
    expect(Math.abs((times.at(-1) ?? 0) - Date.parse(String(startedAt)))).toBeLessThan(5_000);
  });

  test('does not start with a file whose name makes no vehicle id', async () => {
    const started = scope.app('simulator', { ...vehicles, REPLAY_FILE: '/tmp/my drive.csv' });
    await expect(started).rejects.toThrow(/rename the file/);
  });
});
