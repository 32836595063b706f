import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keptByNpm } from './kept-by-npm.mjs';

const usage = `npm run chaos -- [options]

  --seed N          order of the faults; --keep leaves all
  --kafka-nodes N   1 or 3
  --speed N|max     how fast
  --json FILE       where the results go
  --keep            leave logs
  --no-fleet        simulate none
`;

/** As npm 11 starts a script. */
const said = (args, settings, script = 'chaos') =>
  keptByNpm(usage, args, {
    npm_lifecycle_event: script,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value])),
  });

describe('keptByNpm', () => {
  it.each([
    ['--keep', [], { keep: 'true' }, '--keep', '--keep'],
    ['--seed 1', ['1'], { seed: 'true' }, '--seed', '--seed 1'],
    ['--seed=1', [], { seed: '1' }, '--seed', '--seed 1'],
    ['--seed -1', [], { seed: 'true' }, '--seed', '--seed N'],
    ['--seed 1 --seed 2', ['1', '2'], { seed: 'true\n\ntrue' }, '--seed', '--seed N'],
    ['--speed max', ['max'], { speed: 'true' }, '--speed', '--speed max'],
    ['--speed=max --keep', [], { speed: 'max', keep: 'true' }, '--speed and --keep', '--speed max --keep'],
    ['--kafka-nodes 1 --seed 2', ['1', '2'], { seed: 'true', kafka_nodes: 'true' }, '--seed and --kafka-nodes', '--seed N --kafka-nodes N'],
    ['--seed 1 -- --keep', ['1', '--keep'], { seed: 'true' }, '--seed', '--seed 1 --keep'],
    ['--keep NAME', ['NAME'], { keep: 'true' }, '--keep', '--keep NAME'],
    ['--no-fleet', [], { fleet: '' }, '--no-fleet', '--no-fleet'],
    ['--json x.json', ['x.json'], { json: 'true' }, '--json', '--json x.json'],
  ])('says of %s what npm has kept, and how it is said', (_typed, args, settings, kept, meant) => {
    expect(said(args, settings)).toBe(`npm has kept ${kept} for itself. Options come after --, as in npm run chaos -- ${meant}`);
  });

  it('names the command that was typed', () => {
    expect(said([], { keep: 'true' }, 'start')).toContain('npm start -- --keep');
    expect(said([], { keep: 'true' }, 'bench:broker')).toContain('npm run bench:broker -- --keep');
  });

  it.each([
    ['nothing', [], {}],
    ['what is not the program’s', [], { loglevel: 'verbose', fleet: '3' }],
    ['what was given behind -- as well', ['--seed', '2'], { seed: '1' }],
    ['what was given behind -- as well, with =', ['--seed=2'], { seed: '1' }],
    ['npm’s own option in its settings', ['--seed', '2'], { json: 'true' }],
    ['npm’s own option in its settings, without arguments', [], { json: 'true' }],
    ['what was taken back', [], { keep: '' }],
  ])('says nothing of %s', (_what, args, settings) => {
    expect(said(args, settings)).toBeUndefined();
  });

  it('says nothing where npm has not started the program', () => {
    expect(keptByNpm(usage, [], { npm_config_seed: '1' })).toBeUndefined();
  });
});

const folder = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));

it.each([
  ['start', '--fresh', 'fresh'],
  ['start', '--no-fleet', 'fleet', ''],
  ['chaos', '--seed', 'seed'],
  ['chaos', '--sabotage', 'sabotage'],
  ['fuzz', '--seconds', 'seconds'],
  ['docs', '--check', 'check'],
  ['mutate', '--broker', 'broker'],
  ['simulate:presence', '--hours', 'hours'],
  ['broker:conformance', '--ws-port', 'ws_port'],
  ['bench', '--rate', 'rate'],
  ['bench:alerts', '--cuts-a-second', 'cuts_a_second'],
  ['bench:broker', '--scenario', 'scenario'],
  ['bench:catch-up', '--records', 'records'],
  ['bench:conditions', '--rounds', 'rounds'],
  ['bench:ingest', '--processes', 'processes'],
])('npm run %s %s runs nothing', (script, option, setting, value = 'true') => {
  const [, file, ...args] = /node (\S+)(.*)/.exec(scripts[script]);
  const env = { PATH: process.env.PATH, npm_lifecycle_event: script, [`npm_config_${setting}`]: value, MILEPOST_DATA_DIR: '/nonexistent' };
  // A program that does not refuse it ends by another fault.
  const words = [...args.join(' ').trim().split(' ').filter(Boolean), '--nosuch'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...words], { cwd: folder, env, encoding: 'utf8', timeout: 30_000 });
  expect({ status, stdout, stderr }).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(`npm has kept ${option} `) });
});
