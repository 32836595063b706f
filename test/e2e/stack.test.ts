import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { processStartTime } from '@milepost/backing-services';
import type { Fix, StackFile, Vehicle } from '@milepost/contracts';
import { choosePort, eventually, testServices, useTestScope } from '@milepost/test-support';
import { connectAsync } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from './support/api-client.js';
import { type StackOptions, StackProcess } from './support/stack-process.js';

const root = new URL('../../', import.meta.url);
const recordedDrive = fileURLToPath(new URL('../../../shared/data/covesa-drive.csv', import.meta.url));
const FIXES = 120;
const patience = { timeoutMs: 30_000, everyMs: 200 };
const everything = ['alerts', 'api', 'broker', 'canary', 'ingest', 'kafka', 'postgres', 'simulator', 'webhooks'];

describe('npm start', () => {
  const scope = useTestScope();
  const dir = mkdtempSync(join(testServices().runDir, 'stack-test-'));
  const dataDir = join(testServices().runDir, `stack-${randomBytes(4).toString('hex')}`);
  const lap = join(dir, 'lap.csv');
  let ports: Pick<StackOptions, 'mqttPort' | 'httpPort'>;
  let stack: StackProcess;
  let file: StackFile;
  let api: ApiClient;

  const launch = (options: Partial<StackOptions> = {}) => {
    const launched = new StackProcess({ dataDir, ...ports, ...options });
    scope.onEnd(() => launched.destroy());
    return launched;
  };
  const historyOf = (vehicleId: string) => api.all<Fix>(`/v1/vehicles/${vehicleId}/locations?limit=100`);
  const expectReplay = async (vehicleId: string, drive: string) => {
    const recorded = latitudesAndLongitudes(drive);
    const fixes = await eventually(async () => {
      const all = await historyOf(vehicleId);
      expect(all).toHaveLength(recorded.length);
      return all;
    }, patience);
    expect(fixes.map(({ latitude, longitude }) => [latitude, longitude])).toEqual(recorded);
    return fixes;
  };

  beforeAll(async () => {
    writeFileSync(lap, generatedDrive());
    ports = { mqttPort: await choosePort(), httpPort: await choosePort() };
    stack = launch({ arguments: ['--fleet', '2', '--replay', lap, '--speed', 'max'] });
    file = await stack.ready();
    api = new ApiClient(file.apiUrl, file.apiKey);
  });

  test('brings everything up, and says where it is in a file that nobody else may read', async () => {
    expect((await fetch(`${file.apiUrl}/readyz`)).status).toBe(200);
    expect([...stack.processes.keys()].filter((name) => name !== 'replay').sort()).toEqual(everything);
    expect(statSync(join(dataDir, 'stack.json')).mode & 0o777).toBe(0o600);
    expect(file).toMatchObject({
      apiUrl: `http://127.0.0.1:${ports.httpPort}`,
      mqttUrl: `mqtts://127.0.0.1:${ports.mqttPort}`,
      caFile: join(dataDir, 'pki/ca.crt'),
      kafkaBrokers: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      databaseUrl: expect.stringMatching(/^postgres:\/\//),
    });
    // Both ports were left to the stack.
    expect([file.operatorMqttUrl, file.webSocketMqttUrl].join(' ')).toMatch(
      /^mqtts:\/\/127\.0\.0\.1:[1-9]\d* wss:\/\/127\.0\.0\.1:[1-9]\d*\/mqtt$/,
    );
    for (const { name, pid, metricsUrl, healthUrl } of file.apps.filter((app) => app.name !== 'replay')) {
      expect(stack.processes.get(name)).toBe(pid);
      expect((await fetch(healthUrl)).status).toBe(200);
      expect(await (await fetch(metricsUrl)).text()).toContain('process_cpu_seconds_total');
    }
    expect(stack.output).toContain(file.apiKey);
  });

  test('serves every metric that the documentation and the alert rules name', async () => {
    const pages = ['README.md', 'deploy/prometheus-rules.yml', ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)];
    const texts = pages.filter((name) => /\.(md|yml)$/.test(name)).map((name) => readFileSync(new URL(name, root), 'utf8'));
    const named = new Set(texts.flatMap((text) => text.match(/\bmilepost_[a-z0-9_]+_[a-z0-9]+\b/g) ?? []));
    const answers = await Promise.all(stack.file.apps.map(async ({ metricsUrl }) => (await fetch(metricsUrl)).text()));
    const served = new Set(answers.flatMap((text) => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)));
    const isServed = (name: string) => served.has(name) || served.has(name.replace(/_(bucket|count|sum)$/, ''));
    expect(named).toContain('milepost_ingest_lag_records');
    expect([...named].filter((name) => !isServed(name))).toEqual([]);
  });

  test('simulates a fleet, and replays a drive in order with its coordinates, so that it ends now', async () => {
    await eventually(async () => {
      const moving = (await api.all<Fix>('/v1/positions')).map(({ vehicleId }) => vehicleId);
      expect(moving).toEqual(expect.arrayContaining(['truck-0001', 'truck-0002', 'replay-lap']));
    }, patience);
    const fixes = await expectReplay('replay-lap', lap);
    const times = fixes.map(({ recordedAt }) => Date.parse(recordedAt));
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual(Array.from(times, (_, n) => n * 500));
    expect(Math.abs((times.at(-1) ?? 0) - Date.parse(fixes.at(-1)?.receivedAt ?? ''))).toBeLessThan(60_000);
    expect(fixes[7]).toMatchObject({ altitudeM: 300, speedKph: 7 });
    await eventually(() => expect(stack.output).toContain('replay is done'));
    expect(stack.processes.has('replay')).toBe(false);
    expect(stack.file.apps.map(({ name }) => name)).not.toContain('replay');
  });

  test('gives a command that issues certificates from any folder, and they work', async () => {
    const out = join(dir, 'my certificates');
    await promisify(execFile)('sh', ['-c', `${file.issueCommand} my-truck --out '${out}'`], { cwd: '/' });
    expect(readdirSync(out).sort()).toEqual(['ca.crt', 'my-truck.crt', 'my-truck.key']);
    const read = (name: string) => readFileSync(join(out, name));
    const client = await connectAsync(file.mqttUrl, {
      ca: read('ca.crt'),
      cert: read('my-truck.crt'),
      key: read('my-truck.key'),
      clientId: 'my-truck',
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    const fix = { recordedAt: Date.now(), latitude: 1, longitude: 2 };
    await client.publishAsync('fleet/my-truck/location', JSON.stringify(fix), { qos: 1 });
    await client.endAsync();
    await eventually(async () => expect(await historyOf('my-truck')).toMatchObject([{ latitude: 1, longitude: 2 }]));
  });

  test('starts again what dies, and says so', async () => {
    const pidOf = (name: string) => stack.file.apps.find((app) => app.name === name)?.pid ?? 0;
    const before = pidOf('api');
    process.kill(before, 'SIGKILL');
    await eventually(async () => {
      expect(pidOf('api')).not.toBe(before);
      expect(processStartTime(pidOf('api'))).toBeDefined();
      expect((await fetch(`${file.apiUrl}/readyz`)).status).toBe(200);
    }, patience);
    expect(stack.output).toMatch(/api died \(signal SIGKILL\); it is started again in/);
    await eventually(() => expect(stack.output).toMatch(/api is ready again, \d+\.\d s after it died/), patience);
  });

  describe('refuses, with exit code 1 and a sentence that says how to mend it,', () => {
    test('a data folder in which a stack runs', async () => {
      const second = launch();
      expect(await second.exited()).toBe(1);
      expect(second.output).toContain(`A stack is already running with ${dataDir}`);
    });

    test('a port that is in use', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const busy = Number((server.address() as { port: number }).port);
      const second = launch({ dataDir: join(dir, 'busy'), httpPort: busy, mqttPort: await choosePort() });
      expect(await second.exited()).toBe(1);
      expect(second.output).toMatch(new RegExp(`Port ${busy} is in use.*HTTP_PORT`));
      server.close();
    });

    test('a folder that is not its own, even with --fresh, and touches nothing in it', async () => {
      const foreign = join(dir, 'thesis');
      mkdirSync(foreign);
      writeFileSync(join(foreign, 'chapter-1.txt'), 'years of work');
      const second = launch({ dataDir: foreign, arguments: ['--fresh'] });
      expect(await second.exited()).toBe(1);
      expect(second.output).toMatch(/was not made by milepost.*MILEPOST_DATA_DIR/);
      expect(readdirSync(foreign)).toEqual(['chapter-1.txt']);
    });

    test('a data folder that is damaged', async () => {
      const damaged = join(dir, 'damaged');
      mkdirSync(damaged);
      writeFileSync(join(damaged, 'layout'), '1\n');
      writeFileSync(join(damaged, 'running.json'), '{"stack":');
      const second = launch({ dataDir: damaged });
      expect(await second.exited()).toBe(1);
      expect(second.output).toMatch(/running\.json is damaged.*--fresh/);
    });
  });

  test('after kill -9 of the stack, ends its orphans at the next start and nobody else, and finds its data again', async () => {
    await stack.end('SIGKILL');
    const orphans = stack.processes;
    expect([...orphans.keys()].sort()).toEqual(everything);
    // Recorded with another start time: the pid has gone to somebody else since.
    const bystander = spawn('sleep', ['60']);
    scope.onEnd(() => bystander.kill());
    const runningFile = join(dataDir, 'running.json');
    const running = JSON.parse(readFileSync(runningFile, 'utf8'));
    running.processes.push({ name: 'webhooks', pid: bystander.pid, startedAt: '1' });
    writeFileSync(runningFile, JSON.stringify(running));

    const replay = existsSync(recordedDrive) ? ['--replay', recordedDrive, '--speed', 'max'] : [];
    stack = launch({ arguments: ['--no-fleet', ...replay] });
    const { apiKey } = await stack.ready();
    expect(apiKey).toBe(file.apiKey);
    for (const [name, pid] of orphans) {
      expect(stack.output).toContain(`Ended ${name} (pid ${pid}), which an earlier stack had left behind`);
      expect([...stack.processes.values()]).not.toContain(pid);
    }
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(await historyOf('replay-lap')).toHaveLength(FIXES);
    expect((await api.all<Vehicle>('/v1/vehicles')).map(({ id }) => id)).toContain('my-truck');
    if (replay.length > 0) expect(await expectReplay('replay-covesa-drive', recordedDrive)).toHaveLength(471);
  });

  test('at SIGTERM, drains and leaves no process and no stack.json', async () => {
    const started = [...stack.processes];
    expect(started.length).toBeGreaterThanOrEqual(everything.length - 1);
    expect(await stack.end('SIGTERM')).toBe(0);
    expect(started.filter(([, pid]) => processStartTime(pid) !== undefined)).toEqual([]);
    expect(existsSync(join(dataDir, 'stack.json'))).toBe(false);
    expect(stack.output).not.toMatch(/did not stop within|died/);
  });
});

function generatedDrive(): string {
  const rows = Array.from({ length: FIXES }, (_, n) => [
    `current,Vehicle.CurrentLocation.Latitude,${43 + n / 1_000_000_007},0`,
    `current,Vehicle.CurrentLocation.Longitude,${-80 - n / 3},0`,
    'current,Vehicle.CurrentLocation.Altitude,300,0.25',
    `current,Vehicle.Speed,${n},0.25`,
  ]);
  return ['field,signal,value,delay', ...rows.flat()].join('\n');
}

/** Read in another way than the product reads it. */
function latitudesAndLongitudes(drive: string): [number, number][] {
  const text = readFileSync(drive, 'utf8');
  const valuesOf = (signal: string) =>
    [...text.matchAll(new RegExp(`^[^,]*,Vehicle\\.CurrentLocation\\.${signal},([^,]+),`, 'gm'))].map((match) => Number(match[1]));
  const longitudes = valuesOf('Longitude');
  return valuesOf('Latitude').map((latitude, n) => [latitude, longitudes[n] ?? Number.NaN]);
}
