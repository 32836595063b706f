// What is wrong with options or variables of `npm start` is said at once, and not after the build.
import { fail, root } from './prepare.mjs';

/** Runs the stack's own checks from their source; ends this process when they fail, or when only the help was asked for. */
export async function checkBeforeBuild(args = process.argv.slice(2), environment = process.env) {
  const source = await fromSource().catch(() => undefined);
  // Source that does not load does not build either, and the build says why.
  if (source === undefined) return;
  const { checkStart, usage } = source;
  try {
    if (checkStart(args, environment) !== 'help') return;
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

async function fromSource() {
  const { runnerImport } = await import('vite');
  const load = async (file) => {
    const { module } = await runnerImport(`${root}apps/stack/src/${file}`, {
      root,
      configFile: false,
      logLevel: 'silent',
      // Our own packages by their source too (decision 0001); all others as they are.
      environments: { inline: { resolve: { conditions: ['source'], noExternal: [/^@milepost\//] } } },
    });
    return module;
  };
  return { ...(await load('check-start.ts')), ...(await load('options.ts')) };
}
