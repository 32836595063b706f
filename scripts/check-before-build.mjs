// What is wrong with options or variables is said at once, and not after a build of minutes.
import { fail, root } from './prepare.mjs';

/** Runs the stack's own checks from their source; ends this process when they fail, or when only the help was asked for. */
export async function checkBeforeBuild(args = process.argv.slice(2), environment = process.env) {
  const source = await fromSource('apps/stack/src/check-start.ts', 'apps/stack/src/options.ts');
  answer(source, ({ checkStart }) => checkStart(args, environment));
}

/**
 * Parses the options of a program from its source, which has `parseOptions` (that may answer `help`) and `usage`. Ends this process when they
 * make no sense, or when only the help was asked for.
 * @param file from the root
 */
export async function checkOptions(file, args = process.argv.slice(2)) {
  if (args.length === 0) return;
  answer(await fromSource(file), ({ parseOptions }) => parseOptions(args));
}

function answer(source, check) {
  // Source that does not load does not build either, and the build says why.
  if (source === undefined) return;
  try {
    if (check(source) !== 'help') return;
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), error?.code === 'usage' ? 2 : 1);
  }
  process.stdout.write(`${source.usage}\n`);
  process.exit(0);
}

async function fromSource(...files) {
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
