// Writes what documentation takes from the code: the configuration tables, the dependency check, the OpenAPI document and the conformance page.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { conformance } from './conformance.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { fail, root } from './prepare.mjs';

const USAGE = `npm run docs -- [options]     Writes what documentation takes from the code. Needs a build.

  --check   changes nothing; ends with 1 when a file is not what would be written, and names it
  --help    this text
`;

const check = isCheckOrEnd();
const { describeConfig } = await import('../libs/runtime/dist/index.js');
const stale = [];

function write(path, content) {
  const file = `${root}${path}`;
  const present = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (present === content) return;
  if (check) stale.push(path);
  else {
    writeFileSync(file, content);
    process.stdout.write(`wrote ${path}\n`);
  }
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(rows) {
  const lines = rows.map(
    ({ variable, type, default: preset, description }) =>
      `| \`${variable}\` | ${cell(type)} | ${preset === '' || preset === 'required' ? preset : `\`${cell(preset)}\``} | ${cell(description)} |`,
  );
  return ['| variable | type | default | what it is |', '|---|---|---|---|', ...lines].join('\n');
}

async function configurationPage() {
  const apps = [['stack', 'npm start'], ['broker'], ['ingest'], ['alerts'], ['webhooks'], ['api'], ['canary'], ['simulator']];
  const parts = [];
  for (const [app, title = app] of apps) {
    const { configSchema } = await import(`${root}apps/${app}/dist/config.js`);
    parts.push(`## ${title}\n\n${table(describeConfig(configSchema))}\n`);
  }
  return `# Configuration\n\nEvery app is configured by environment variables alone. This page is generated from the schemas (\`npm run docs\`); after a build \`node apps/broker/dist/main.js --help\` prints the broker's part, and so do the others.\n\n${parts.join('\n')}`;
}

/** Replaces what stands between the markers of that name. */
function between(text, name, content) {
  const pattern = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`README.md has no place for ${name}`);
  return text.replace(pattern, `$1${content}\n$2`);
}

/** Each dependency of a package must have its line in the README's table. */
function undescribedDependencies(readme) {
  const packages = [
    'package.json',
    ...['libs', 'apps', 'test'].flatMap((folder) => readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}/package.json`)),
  ];
  const names = packages
    .filter((file) => existsSync(`${root}${file}`))
    .map((file) => JSON.parse(readFileSync(`${root}${file}`, 'utf8')))
    .flatMap((manifest) => Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
  return [...new Set(names)]
    .filter((name) => !name.startsWith('@milepost/') && !name.startsWith('@types/') && !readme.includes(`\`${name}\``))
    .sort();
}

const { configSchema: stackSchema } = await import(`${root}apps/stack/dist/config.js`);
const readme = readFileSync(`${root}README.md`, 'utf8');
write('README.md', between(readme, 'configuration', table(describeConfig(stackSchema))));
write('docs/configuration.md', await configurationPage());

const { openApiDocument } = await import(`${root}apps/api/dist/openapi.js`);
write('docs/openapi.json', `${JSON.stringify(await openApiDocument(), null, 2)}\n`);

const { page, problems } = conformance();
write('docs/conformance.md', page);

const missing = undescribedDependencies(readme);
if (missing.length > 0) process.stderr.write(`README.md has no line for these dependencies: ${missing.join(', ')}\n`);
if (problems.length > 0) process.stderr.write(`Conformance: ${problems.join('\n  ')}\n`);
if (stale.length > 0) process.stderr.write(`Not up to date, run \`npm run docs\`: ${stale.join(', ')}\n`);
process.exit(missing.length + stale.length + problems.length > 0 ? 1 : 0);

/** Whoever wants a check and does not say it rightly is not to have files written. */
function isCheckOrEnd() {
  refuseKeptByNpm('scripts/generate-docs.mjs');
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => !['--check', '--help', '-h'].includes(arg));
  if (unknown !== undefined) fail(`Unknown argument '${unknown}'. --help says what there is.`, 2);
  if (args.some((arg) => arg !== '--check')) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  if (!existsSync(`${root}apps/api/dist/openapi.js`)) fail('There is no build to take documentation from: `npm run types` makes it.');
  return args.includes('--check');
}
