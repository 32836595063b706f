// An app from its source that does not close as it should: `throws`, `hangs`, or `breaks` while it closes.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const load = async (file) =>
  (await runnerImport(fileURLToPath(new URL(file, import.meta.url)), { configFile: false, logLevel: 'silent' })).module;
const closings = {
  throws: () => Promise.reject(new Error('the log cannot be flushed')),
  hangs: () => new Promise(() => undefined),
  breaks: () => new Promise(() => setTimeout(() => Promise.reject(new Error('nobody listens')), 1)),
};

const [{ runApp }, { commonEnv }, { default: Type }] = await Promise.all([load('./run-app.ts'), load('./config.ts'), import('typebox')]);
await runApp({
  name: 'fixture',
  description: 'an app that does not close',
  config: Type.Object(commonEnv),
  closeTimeoutMs: 300,
  start: async ({ finish }) => {
    setTimeout(finish, 1);
    return { ready: () => [], close: closings[process.argv[2]] };
  },
});
