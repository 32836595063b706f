import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { afterEach, describe, expect, test } from 'vitest';
import { readServiceRecord, writeServiceRecord } from './service-record.js';

const schema = Type.Object({ port: Type.Integer() });
const dirs: string[] = [];

function recordFile(): string {
  const dir = mkdtempSync(join(tmpdir(), 'milepost-record-'));
  dirs.push(dir);
  return join(dir, 'service.json');
}

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

describe('a service record', () => {
  test('is absent at the first start, and found at the next', () => {
    const file = recordFile();
    expect(readServiceRecord(file, schema)).toBeUndefined();
    writeServiceRecord(file, { port: 1 });
    expect(readServiceRecord(file, schema)).toEqual({ port: 1 });
  });

  test('may hold a password: its owner alone can read it', () => {
    const file = recordFile();
    writeServiceRecord(file, { port: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each(['', '{', '{"port":"x"}'])('that is damaged (%j) is an error that says how to mend', (text) => {
    const file = recordFile();
    writeFileSync(file, text);
    expect(() => readServiceRecord(file, schema)).toThrow(/is not what milepost wrote.*--fresh/);
  });
});
