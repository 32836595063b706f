import { type Readiness, ReadinessSchema, type StackFile } from '@milepost/contracts';
import { Value } from 'typebox/value';
import type { Installation } from '../reaching/installation.js';
import { type Finding, fine, wrong } from './finding.js';

const patienceMs = 3_000;
const LOGS = 'Look at its log, logs/….log in the data folder.';
const OWN_SERVICES = ' For services of your own set DATABASE_URL and KAFKA_BROKERS.';
type App = StackFile['apps'][number];

/** Whether the stack's apps live, and what the API says about their readiness. */
export async function checkStack(installation: Installation): Promise<Finding[]> {
  const read = installation.readStack();
  const named = installation.namesPostgres && installation.namesKafka;
  if (read.kind === 'unreadable') return [wrong('Stack', read.detail, `${read.mend}${named ? '' : OWN_SERVICES}`)];
  if (read.kind === 'none') {
    return [
      wrong(
        'Stack',
        `none runs with ${installation.dataFolder} (no stack.json)`,
        `Start it with \`npm start\`, or name its folder in MILEPOST_DATA_DIR.${named ? '' : OWN_SERVICES}`,
      ),
    ];
  }
  const { stack } = read;
  return [...(await Promise.all(stack.apps.map(checkApp))), ...(await checkReadiness(stack.apiUrl))];
}

async function checkApp({ name, pid, healthUrl }: App): Promise<Finding> {
  const subject = `App ${name}`;
  try {
    const answer = await fetch(healthUrl, { signal: AbortSignal.timeout(patienceMs) });
    if (answer.ok) return fine(subject, `process ${pid} is healthy`);
    return wrong(subject, `process ${pid} answers ${answer.status} at ${healthUrl}`, LOGS);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wrong(subject, `process ${pid} does not answer at ${healthUrl} (${why})`, LOGS);
  }
}

async function checkReadiness(apiUrl: string): Promise<Finding[]> {
  const url = `${apiUrl}/readyz`;
  let content: unknown;
  try {
    content = await (await fetch(url, { signal: AbortSignal.timeout(patienceMs) })).json();
  } catch (error) {
    return [wrong('API', `${url} does not answer (${error instanceof Error ? error.message : error})`, LOGS)];
  }
  if (!Value.Check(ReadinessSchema, content)) return [wrong('API', `${url} is not milepost's`, 'See what else listens on that port.')];
  const missing = (content as Readiness).parts.filter((part) => !part.ready);
  if (missing.length === 0) return [fine('API', `${url} says that everything is ready`)];
  return missing.map(({ name, reason }) => wrong(`Readiness of ${name}`, reason ?? 'not ready', LOGS));
}
