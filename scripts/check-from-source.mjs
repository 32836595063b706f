// node check-from-source.mjs CHECK FILE,FILE ARG …: calls a function of these files of source with the arguments. See check-before-build.mjs.
import { verdicts } from './check-before-build.mjs';
import { fail, root } from './prepare.mjs';

const [name, files, ...args] = process.argv.slice(2);
const source = await load(files.split(','));
// Source that does not load does not build either, and the build says why.
if (source === undefined) process.exit(verdicts.goOn);
try {
  if (source[name](args) !== 'help') process.exit(verdicts.goOn);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), error?.code === 'usage' ? 2 : 1);
}
process.stdout.write(`${source.usage}\n`, () => process.exit(verdicts.helpWasGiven));

async function load(files) {
  try {
    const { runnerImport } = await import('vite');
    const modules = [];
    for (const file of files) {
      const { module } = await runnerImport(`${root}${file}`, {
        root,
        configFile: false,
        logLevel: 'silent',
        // Our own packages by their source too (decision 0001); all others as they are.
        environments: { inline: { resolve: { conditions: ['source'], noExternal: [/^@milepost\//] } } },
      });
      modules.push(module);
    }
    return Object.assign({}, ...modules);
  } catch {
    return undefined;
  }
}
