import type { Pool } from 'pg';
import { cached } from './cached.js';
import type { PartCheck, PartName } from './readiness.js';

const kafkaAnswerKeptMs = 5_000;

export const checkPostgres =
  (pool: Pool): PartCheck =>
  async () => {
    await pool.query('select 1');
    return undefined;
  };

/** A connection of its own each time: asked less often than the others. */
export const checkKafka = (ping: () => Promise<unknown>): PartCheck =>
  cached(kafkaAnswerKeptMs, async () => {
    await ping();
    return undefined;
  });

/** The status servers of the other apps, by name; of an app with several processes all must be ready. */
export function checksOfUrls(entries: readonly string[]): Partial<Record<PartName, PartCheck>> {
  const urls = new Map<PartName, string[]>();
  for (const entry of entries) {
    const separator = entry.indexOf('=');
    const name = entry.slice(0, separator) as PartName;
    urls.set(name, [...(urls.get(name) ?? []), entry.slice(separator + 1)]);
  }
  return Object.fromEntries([...urls].map(([name, all]) => [name, () => checkUrls(all)]));
}

async function checkUrls(urls: readonly string[]): Promise<string | undefined> {
  const reasons = await Promise.all(urls.map(checkUrl));
  return reasons.find((reason) => reason !== undefined);
}

async function checkUrl(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000), redirect: 'error' });
    const text = (await response.text()).slice(0, 2_000);
    return response.ok ? undefined : (reasonsIn(text) ?? `answered ${response.status}`);
  } catch (error) {
    const { cause } = error as Error;
    return `${url} does not answer: ${cause instanceof Error && cause.message ? cause.message : (error as Error).message}`;
  }
}

function reasonsIn(text: string): string | undefined {
  try {
    const { reasons } = JSON.parse(text) as { reasons?: unknown };
    return Array.isArray(reasons) && reasons.length > 0 ? reasons.join('; ') : undefined;
  } catch {
    return undefined;
  }
}
