// An app in small, from its source. At its start objects of one place in the code live long, as while clients connect; then it makes short-lived ones
// there, and says how many bytes of old space these took. What is named is set as a flag of V8 before that.
import { fileURLToPath } from 'node:url';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runnerImport } from 'vite';

const make = (n) => ({ n, list: [n, n] });
// What nobody can see is not made at all.
let seen;

function oldSpaceTaken() {
  let kept = [];
  for (let n = 0; n < 600_000; n += 1) kept.push(make(n));
  kept = [];
  for (let n = 0; n < 2_000_000; n += 1) seen = make(n);
  const before = oldSpace();
  for (let n = 0; n < 50_000; n += 1) seen = make(n);
  return seen.n === 49_999 ? oldSpace() - before : Number.NaN;
}
const oldSpace = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? Number.NaN;

const load = async (file) =>
  (await runnerImport(fileURLToPath(new URL(file, import.meta.url)), { configFile: false, logLevel: 'silent' })).module;

const [{ runApp }, { commonEnv }, { default: Type }] = await Promise.all([load('./run-app.ts'), load('./config.ts'), import('typebox')]);
const [flag] = process.argv.slice(2);
await runApp({
  name: 'fixture',
  description: 'an app in small',
  config: Type.Object(commonEnv),
  start: async ({ finish }) => {
    if (flag !== undefined) setFlagsFromString(flag);
    process.stdout.write(`old space: ${oldSpaceTaken()}\n`);
    finish();
    return { ready: () => [], close: async () => undefined };
  },
});
