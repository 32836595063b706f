import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, parseConfig } from '@milepost/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from './config.js';
import { Stack } from './stack.js';

let dataDir: string;
const servers: Server[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'milepost-stack-'));
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres', 'years-of-work'), 'of vehicles');
  writeFileSync(join(dataDir, 'layout'), '1\n');
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A start that is refused: no service answers. */
async function refused(environment: Record<string, string>, folder = dataDir, fresh = true): Promise<string> {
  const ports = { MQTT_TLS_PORT: '0', MQTT_OPERATOR_TLS_PORT: '0', MQTT_WS_PORT: '0', HTTP_PORT: '0' };
  const stack = new Stack({
    config: parseConfig(configSchema, { ...ports, ...environment, MILEPOST_DATA_DIR: folder }),
    options: { fleetSize: 0, fresh },
    environment,
    logger: createLogger({ app: 'test', level: 'silent' }),
    say: () => undefined,
    signal: new AbortController().signal,
  });
  try {
    return await stack.start().then(
      () => 'nothing was refused',
      (error: Error) => error.message,
    );
  } finally {
    await stack.stop();
  }
}

async function takenPort(): Promise<string> {
  const taken = createServer();
  servers.push(taken);
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  return String((taken.address() as { port: number }).port);
}

const noPostgres = { DATABASE_URL: 'postgres://owner:secret@127.0.0.1:1/milepost' };
const dataIsThere = () => existsSync(join(dataDir, 'postgres', 'years-of-work'));

describe('--fresh deletes nothing when the start is refused', () => {
  it.each([
    ['a Postgres that does not answer', noPostgres, /DATABASE_URL is set .* no Postgres answers there/],
    ['no Java', { JAVA_HOME: '/nowhere' }, /needs Java/],
  ])('for %s', async (_, environment, message) => {
    expect(await refused(environment)).toMatch(message);
    expect(dataIsThere()).toBe(true);
  });

  it('for a port that is taken', async () => {
    expect(await refused({ HTTP_PORT: await takenPort() })).toContain(`HTTP_PORT`);
    expect(dataIsThere()).toBe(true);
  });
});

describe.each([true, false])('a start that is refused (--fresh: %s) leaves nothing where nothing was', (fresh) => {
  it.each([
    ['a Postgres that does not answer', async () => noPostgres, 'no Postgres answers there'],
    ['a port that is taken', async () => ({ HTTP_PORT: await takenPort() }), 'HTTP_PORT'],
  ])('for %s', async (_, environment, message) => {
    const empty = join(dataDir, 'empty');
    mkdirSync(empty);
    expect(await refused(await environment(), join(empty, 'made', 'anew'), fresh)).toContain(message);
    expect(readdirSync(empty)).toEqual([]);
    expect(await refused(await environment(), empty, fresh)).toContain(message);
    expect(readdirSync(empty)).toEqual([]);
  });

  it('and what was there stays', async () => {
    mkdirSync(join(dataDir, 'logs'));
    const before = readdirSync(dataDir);
    expect(await refused(noPostgres, dataDir, fresh)).toContain('no Postgres answers there');
    expect(readdirSync(dataDir)).toEqual(before);
    rmSync(join(dataDir, 'postgres'), { recursive: true });
    expect(await refused(noPostgres, dataDir, fresh)).toContain('no Postgres answers there');
    expect(readdirSync(dataDir)).toEqual(['layout', 'logs']);
  });
});

describe('--fresh is a remedy, as is said where it is needed', () => {
  // As far as the services, of which one does not answer.
  it.each([
    ['another layout', 'layout', '0\n'],
    ['a damaged running.json', 'running.json', '{"stack":'],
  ])('for %s', async (_, name, content) => {
    writeFileSync(join(dataDir, name), content);
    expect(await refused(noPostgres)).toMatch(/no Postgres answers there/);
    expect(readFileSync(join(dataDir, 'layout'), 'utf8')).toMatch(/\d/);
  });
});
