import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { alertsScope } from '../alerts/alerts-scope.js';
import { runCli } from './run-cli.js';

const scope = useTestScope();

interface Shown {
  batches: number;
  counts: Record<string, number>;
  alerts: { compared: string; replayed?: { vehicleId: string }; real?: { vehicleId: string } }[];
}

it('alerts backtest replays what two processes did, one of which was killed, and writes nothing', async () => {
  const alerts = await alertsScope(scope);
  const environment = { DATABASE_URL: alerts.database.ownerUrl };
  const nothing = await runCli(['alerts', 'backtest', '--policy', 'recorded', '--since', '1h'], environment);
  expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('no snapshot of every presence partition yet') });

  const node = alerts.node('node-1');
  const lonely = alerts.node('node-2');
  const options = { ALERTS_SESSION_TIMEOUT_MS: '6000' };
  const first = await alerts.start({ NODE_ID: 'alerts-1', ...options });
  const second = await alerts.start({ NODE_ID: 'alerts-2', ...options });
  const vehicles = Array.from({ length: 8 }, (_, index) => `truck-${index}`);
  const connections = new Map(await Promise.all(vehicles.map(async (id) => [id, await node.connected(id)] as const)));
  await lonely.connected('lost-with-node');
  await Promise.all([...vehicles, 'lost-with-node'].map((id) => alerts.untilState(id, 'online', 40_000)));
  await eventually(
    async () => {
      const [taken] = await alerts.rows<{ count: number }>(
        'select count(distinct presence_partition)::int as count from presence_snapshots',
      );
      expect(taken?.count).toBe(alerts.partitions);
    },
    { timeoutMs: 20_000 },
  );
  const [snapshot] = await alerts.rows<{ at: number }>('select max(log_time_ms) as at from presence_snapshots');
  const since = new Date(Math.ceil(snapshot?.at ?? 0)).toISOString();

  const lose = (id: string) => node.disconnected(id, connections.get(id) ?? '', 'network_error');
  await lose('truck-0');
  await alerts.untilTold('truck-0', ['alert.opened'], 40_000);
  await node.connected('truck-0');
  await alerts.rows(
    `insert into alert_policies (organisation_id, scope, settings, updated_by) select id, 'organisation', '{"graceSeconds": 3}', 'test' from organisations where name = 'default'`,
  );
  await alerts.rows(
    `insert into alert_mutes (organisation_id, scope, vehicle, ends_at, created_by) select organisation_id, 'vehicle', id, now() + interval '1 hour', 'test' from vehicles where vehicle_id = 'truck-1'`,
  );
  await delay(2_500);
  await lose('truck-1');
  await lose('truck-2');
  await alerts.untilState('truck-2', 'offline', 40_000);
  await first.kill9();
  lonely.stop();
  await lose('truck-3');
  await alerts.untilState('truck-3', 'offline', 60_000);
  await alerts.start({ NODE_ID: 'alerts-1', ...options });
  await alerts.untilState('lost-with-node', 'offline', 60_000);
  await node.connected('truck-2');
  await alerts.untilTold('truck-2', ['alert.opened', 'alert.resolved'], 40_000);
  expect(await second.stop()).toBe(0);

  const before = await alerts.rows('select id, status, opened_at, resolved_at from alerts order by id');
  const recorded = await runCli(['alerts', 'backtest', '--policy', 'recorded', '--since', since, '--json'], environment);
  expect(recorded).toMatchObject({ code: 0, stderr: '' });
  const shown = JSON.parse(recorded.stdout) as Shown;
  expect(shown.alerts.filter(({ compared }) => compared !== 'same')).toEqual([]);
  const seen = new Set(shown.alerts.map(({ real }) => real?.vehicleId));
  expect(seen).toEqual(new Set(['truck-0', 'truck-1', 'truck-2', 'truck-3', 'lost-with-node']));

  const folder = await mkdtemp(join(tmpdir(), 'milepost-backtest-'));
  scope.onEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, 'patient.json');
  await writeFile(file, JSON.stringify({ graceSeconds: 3_600, nodeGraceSeconds: 3_600 }));
  const patient = await runCli(['alerts', 'backtest', '--policy', file, '--since', since], environment);
  expect(patient).toMatchObject({ code: 0, stderr: expect.stringContaining('batches replayed from the snapshots of') });
  expect(patient.stdout).toMatch(/truck-3 +offline +network_error .* only in reality/);
  expect(patient.stdout).toMatch(/\nsame +0\n/);
  await writeFile(file, JSON.stringify({ graceSeconds: -1 }));
  expect(await runCli(['alerts', 'backtest', '--policy', file, '--since', since], environment)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('/graceSeconds must be >= 0'),
  });
  expect(await alerts.rows('select id, status, opened_at, resolved_at from alerts order by id')).toEqual(before);
}, 240_000);
