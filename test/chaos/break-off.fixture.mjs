// A run in small, from its source: starts what no signal but SIGKILL ends, says the pids, and when it is broken off it does not come to its end.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const load = async (file) =>
  (
    await runnerImport(fileURLToPath(new URL(file, import.meta.url)), {
      configFile: false,
      logLevel: 'silent',
      environments: { inline: { resolve: { conditions: ['source'], noExternal: [/^@milepost\//] } } },
    })
  ).module;

const [folder, withinMs, relayed] = process.argv.slice(2);
if (relayed === 'relayed') {
  const { childRun } = await load('./child-run.ts');
  process.exit(await childRun(process.execPath, [fileURLToPath(import.meta.url), folder, withinMs], process.env));
}
const { hearBreakOff } = await load('./break-off.ts');
const { recordProcess, endRecordedProcesses } = await load('../support/src/recorded-processes.ts');
const { inOrder, atOnce } = hearBreakOff({ withinMs: Number(withinMs), say: (line) => console.log(line) });
inOrder.addEventListener('abort', () => console.log('in order'));
atOnce.addEventListener('abort', () => {
  endRecordedProcesses(folder);
  process.exit(3);
});
// In a group of its own, as Kafka is, and with a child that is frozen, as Postgres has when its disk is slow.
const service = spawn('sh', ['-c', 'trap "" INT TERM HUP; sleep 300 & kill -STOP $!; echo $!; wait'], {
  detached: true,
  stdio: ['ignore', 'pipe', 'inherit'],
});
recordProcess(folder, service.pid);
service.stdout.once('data', (child) => console.log(`pids ${process.pid} ${service.pid} ${String(child).trim()}`));
