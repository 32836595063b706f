import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
const rooms = Object.values(scripts).flatMap((script) => /bench\.mjs (\S+)/.exec(script)?.slice(1) ?? []);

it.each([
  [[], 'No room of test/bench is named.'],
  [['nosuch'], 'There is no room "nosuch" in test/bench.'],
  // It has no options, and is run by another command.
  [['codec'], 'There is no room "codec" in test/bench.'],
  [['../fuzz'], 'There is no room "../fuzz" in test/bench.'],
])('bench.mjs %j says in one sentence which rooms there are, and ends with 2', (args, fault) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/bench.mjs', ...args], { cwd: folder, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr: `milepost: ${fault} Name one of ${rooms.toSorted().join(', ')}; behind it --help says what there is.\n`,
  });
});
