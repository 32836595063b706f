import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const start = (program) => {
  const script = `
    import { runProgram } from ${JSON.stringify(new URL('run-program.mjs', import.meta.url).href)};
    await runProgram(['-e', ${JSON.stringify(program)}]);
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
};
const isRunning = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('ends as the program does', async () => {
  expect(await once(start('process.exit(3)'), 'exit')).toEqual([3, null]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('leaves no program behind when it is sent %s', async (signal) => {
  const script = start('console.log(process.pid); setInterval(() => undefined, 1_000)');
  const [said] = await once(script.stdout, 'data');
  const program = Number(said);
  script.kill(signal);
  const [code] = await once(script, 'exit');
  expect({ failed: code > 128, isRunning: isRunning(program) }).toEqual({ failed: true, isRunning: false });
});
