import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordProcess, testServices, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import type { Outcome } from '../chaos/outcome.js';

const main = fileURLToPath(new URL('../../node_modules/.cache/tests/test/chaos/main.js', import.meta.url));
const FAULTS = ['kill-broker', 'freeze-ingest', 'cut-network', 'poison'];
const scope = useTestScope();

test('a short chaos run: what the broker, ingest and the network do to 40 vehicles loses, doubles and tells wrong nothing', async () => {
  const { runDir } = testServices();
  const json = join(runDir, 'chaos.json');
  const size = ['--vehicles', '40', '--rate', '150', '--kafka-nodes', '1', '--minutes', '0.1'];
  const { KAFKA_BROKERS: _kafka, DATABASE_URL: _database, ...environment } = process.env;
  const child = spawn(process.execPath, [main, '--seed', '5', '--faults', FAULTS.join(','), '--json', json, ...size], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) recordProcess(runDir, child.pid);
  scope.onEnd(() => child.kill('SIGTERM'));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(code, said.join('')).toBe(0);
  const { windows, audit } = JSON.parse(readFileSync(json, 'utf8')) as Outcome;
  expect(windows.map(({ fault }) => fault).sort()).toEqual([...FAULTS].sort());
  expect(audit.acknowledged).toBeGreaterThan(5_000);
  // Some were taken away in the quiet minute.
  expect(audit.alerts).toBeGreaterThan(0);
}, 400_000);
