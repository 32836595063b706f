import { createLogger, UsageError } from '@milepost/runtime';
import { banner } from './banner/banner.js';
import { type CheckedStart, checkStart } from './check-start.js';
import { usage } from './options.js';
import { watchParent } from './processes/parent-watch.js';
import { StopRequest } from './processes/stop-request.js';
import { Stack } from './stack.js';

const say = (line: string) => process.stdout.write(`${line}\n`);
const stop = new StopRequest({ say });
// Whoever read our lines may have gone; that is no reason to leave processes behind.
process.stdout.on('error', () => undefined);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.heard(signal));
if (process.env.npm_lifecycle_event === 'start') watchParent(() => stop.heard('npm has gone'));

try {
  const checked = checkStart(process.argv.slice(2), process.env);
  if (checked === 'help') say(usage);
  else await run(checked);
} catch (error) {
  process.stderr.write(`milepost: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run({ options, config }: CheckedStart): Promise<void> {
  const stack = new Stack({
    config,
    options,
    environment: process.env,
    logger: createLogger({ app: 'stack', level: 'warn' }),
    say,
    signal: stop.signal,
  });
  let hasBegun = false;
  try {
    const running = await stack.start();
    hasBegun = true;
    if (stop.signal.aborted) return;
    // npm runs us in the checkout, and says where it was called.
    say(banner(running, config, process.env.INIT_CWD || process.cwd()));
    // Nothing else keeps this process alive when both services are given.
    const alive = setInterval(() => undefined, 60_000);
    await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
    clearInterval(alive);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await stack.stop();
    if (hasBegun || stop.signal.aborted) say('Everything has stopped.');
  }
}
