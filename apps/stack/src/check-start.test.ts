import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@milepost/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkStart } from './check-start.js';
import { identify } from './folder/process-identity.js';

describe('checkStart', () => {
  it('takes what makes sense', () => {
    expect(checkStart(['--fleet', '3'], { HTTP_PORT: '18080' })).toMatchObject({
      options: { fleetSize: 3 },
      config: { HTTP_PORT: 18_080 },
    });
    expect(checkStart(['--help'], { HTTP_PORT: 'nonsense' })).toBe('help');
  });

  it.each([
    [['--fleet', 'many'], {}, '--fleet'],
    [['--flet', '3'], {}, '--flet'],
    [[], { HTTP_PORT: 'nonsense' }, 'HTTP_PORT'],
    [[], { HTTP_PORT: '8883' }, 'MQTT_TLS_PORT and HTTP_PORT'],
    [[], { WEBHOOK_ALLOW: 'foo' }, 'WEBHOOK_ALLOW: "foo" is not a network'],
    [[], { KAFKA_BROKERS: 'kafka', DATABASE_URL: 'foo' }, 'KAFKA_BROKERS: "kafka" is not host:port'],
    [[], { MILEPOST_DATA_DIR: fileURLToPath(import.meta.url) }, 'MILEPOST_DATA_DIR'],
    [[], { MILEPOST_DATA_DIR: join(tmpdir(), 'one,two') }, 'takes a path with a comma for two folders'],
    [['--replay', fileURLToPath(new URL('no-such-file.csv', import.meta.url))], {}, '--replay'],
  ])('refuses %j with %j, and says what is wrong', (args, environment, message) => {
    expect(() => checkStart(args, environment)).toThrow(message);
  });

  it.each([[[]], [['--fresh']]])('refuses %j with a data folder that a stack runs with, and names it', (args) => {
    const folder = dataFolder({ layout: '1\n', 'running.json': JSON.stringify({ stack: identify(process.pid), processes: [] }) });
    expect(() => checkStart(args, { MILEPOST_DATA_DIR: folder })).toThrow(
      `A stack is already running with ${folder} (pid ${process.pid}). Stop it first, or choose another folder with MILEPOST_DATA_DIR.`,
    );
  });

  it('takes a data folder whose stack is gone, though another process has its pid', () => {
    const running = { stack: { ...identify(process.pid), startedAt: 'before' }, processes: [] };
    const folder = dataFolder({ layout: '1\n', 'running.json': JSON.stringify(running) });
    expect(() => checkStart([], { MILEPOST_DATA_DIR: folder })).not.toThrow();
  });

  it('refuses a data folder that is not ours', () => {
    const folder = dataFolder({ 'running.json': 'of somebody else' });
    expect(() => checkStart(['--fresh'], { MILEPOST_DATA_DIR: folder })).toThrow('was not made by milepost');
  });

  it('takes a data folder with a comma where Kafka is not ours', () => {
    const environment = { MILEPOST_DATA_DIR: join(dataFolder({}), 'one,two'), KAFKA_BROKERS: 'kafka.test:9092' };
    expect(() => checkStart([], environment)).not.toThrow();
  });

  it('makes no data folder', () => {
    const folder = join(dataFolder({}), 'new');
    expect(() => checkStart([], { MILEPOST_DATA_DIR: folder })).not.toThrow();
    expect(existsSync(folder)).toBe(false);
  });

  it('tells a wrong command line, which ends with 2, from a wrong environment, which ends with 1', () => {
    expect(() => checkStart(['--fleet', '-1'], {})).toThrow(UsageError);
    expect(() => checkStart([], { HTTP_PORT: 'nonsense' })).not.toThrow(UsageError);
  });
});

function dataFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-check-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
