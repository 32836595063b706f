import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SupervisedApp, Supervisor, type SupervisorEvents, type SupervisorOptions } from './supervisor.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An app that says why it cannot live, and dies. */
function dying(code = 1): SupervisedApp {
  const script = join(folder, 'app.cjs');
  writeFileSync(script, `console.error('WEBHOOK_ALLOW is nonsense'); process.exit(${code});`);
  return { name: 'api', script, environment: {}, statusPort: 0 };
}

function supervised(becomesReady: SupervisorOptions['becomesReady'] = () => Promise.resolve(false)): {
  supervisor: Supervisor;
  events: SupervisorEvents;
  gaveUp: Promise<Error>;
} {
  let tell = (_: Error): void => undefined;
  const gaveUp = new Promise<Error>((resolve) => {
    tell = resolve;
  });
  const events = { started: vi.fn(), ended: vi.fn(), say: vi.fn(), gaveUp: vi.fn((_: SupervisedApp, reason: Error) => tell(reason)) };
  const supervisor = new Supervisor({
    events,
    logFile: (app) => join(folder, `${app.name}.log`),
    restarts: { baseMs: 1, maxMs: 1 },
    becomesReady,
  });
  return { supervisor, events, gaveUp };
}

describe('Supervisor', () => {
  it('gives Node the flags of an app before its script', async () => {
    const { supervisor, gaveUp } = supervised();
    const script = join(folder, 'app.cjs');
    writeFileSync(script, 'console.error(process.execArgv.join()); process.exit(2);');
    supervisor.start({ name: 'api', script, nodeFlags: ['--stack-size=900'], environment: {}, statusPort: 0 });
    expect((await gaveUp).message).toContain('--enable-source-maps,--stack-size=900');
  });

  it('gives up an app that dies at each start of a stack that was never up, with its last words', async () => {
    const { supervisor, events, gaveUp } = supervised();
    supervisor.start(dying());
    const { message } = await gaveUp;
    expect(message).toContain('api died at each of its 5 starts (exit code 1)');
    expect(message).toContain('WEBHOOK_ALLOW is nonsense');
    expect(events.started).toHaveBeenCalledTimes(5);
  });

  it('gives up at once an app whose configuration is not usable', async () => {
    const { supervisor, events, gaveUp } = supervised();
    supervisor.start(dying(2));
    expect((await gaveUp).message).toContain('api died at its start (exit code 2)');
    expect(events.started).toHaveBeenCalledOnce();
  });

  it('says of an app that died without a word that it left none', async () => {
    const { supervisor, gaveUp } = supervised();
    const app = dying();
    writeFileSync(app.script, 'process.exit(2);');
    supervisor.start(app);
    expect((await gaveUp).message).toBe(`api died at its start (exit code 2). It left no words in ${join(folder, 'api.log')}.`);
  });

  it('outlives what Node throws where it cannot make a process, as without memory, and gives up in the end', async () => {
    const { supervisor, gaveUp } = supervised();
    // More than Linux takes in one variable.
    supervisor.start({ ...dying(), environment: { TOO_LONG: 'x'.repeat(1 << 20) } });
    expect((await gaveUp).message).toMatch(/api died at each of its 5 starts \(could not be started: spawn E2BIG/);
  });

  it('starts again whatever dies once all were up', async () => {
    const { supervisor, events } = supervised();
    supervisor.markUp();
    supervisor.start(dying());
    await expect.poll(() => vi.mocked(events.started).mock.calls.length).toBeGreaterThan(6);
    supervisor.giveUpRestarts();
    await supervisor.stop(['api']);
    expect(events.gaveUp).not.toHaveBeenCalled();
  });

  it('says once when an app that died is ready again, and nothing of one that dies before it is', async () => {
    let starts = 0;
    const { supervisor, events } = supervised((_, signal) => {
      starts++;
      // The third life is the first one that lasts.
      return starts === 2 ? Promise.resolve(true) : new Promise((resolve) => signal.addEventListener('abort', () => resolve(false)));
    });
    const script = join(folder, 'app.cjs');
    const lives = join(folder, 'lives');
    writeFileSync(
      script,
      `const { appendFileSync, readFileSync } = require('node:fs'); appendFileSync(${JSON.stringify(lives)}, '.');
       if (readFileSync(${JSON.stringify(lives)}).length < 3) process.exit(1); setInterval(() => undefined, 1000);`,
    );
    const readyLines = () => vi.mocked(events.say).mock.calls.filter(([line]) => line.includes('is ready again'));
    supervisor.markUp();
    supervisor.start({ name: 'broker', script, environment: {}, statusPort: 0 });
    await expect.poll(readyLines).toEqual([[expect.stringMatching(/^broker is ready again, \d+\.\d s after it died$/)]]);
    expect(vi.mocked(events.say).mock.calls.filter(([line]) => line.startsWith('broker died'))).toHaveLength(2);
    expect(starts).toBe(2);
    supervisor.giveUpRestarts();
    await supervisor.stop(['broker']);
    expect(readyLines()).toHaveLength(1);
  });

  it('lives on when what runs cannot be written down, nor a log be opened', async () => {
    const { supervisor, events } = supervised();
    const fullDisk = () => {
      throw new Error('ENOSPC: no space left on device');
    };
    vi.mocked(events.started).mockImplementation(fullDisk);
    vi.mocked(events.ended).mockImplementation(fullDisk);
    const app = dying();
    supervisor.markUp();
    supervisor.start(app);
    supervisor.start({ ...app, name: 'missing/folder' });
    await expect.poll(() => vi.mocked(events.ended).mock.calls.length).toBeGreaterThan(1);
    await expect.poll(() => vi.mocked(events.say).mock.calls.join()).toMatch(/missing\/folder died \(could not be started: ENOENT/);
    supervisor.giveUpRestarts();
    await supervisor.stop(['api']);
    expect(vi.mocked(events.say).mock.calls.join()).toContain('What runs could not be written down: ENOSPC');
  });
});
