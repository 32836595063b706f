import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DataFolder } from './data-folder.js';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'milepost-data-folder-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
});

const open = () => DataFolder.open(join(parent, 'made', 'anew'), { fresh: false });

describe('removeUnused', () => {
  it('takes back each folder that was made', () => {
    open().removeUnused();
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each(['secrets.json', 'logs/broker.log'])('leaves all of it where %s has come into it', (name) => {
    const folder = open();
    writeFileSync(folder.file(name), '{}');
    folder.removeUnused();
    expect(existsSync(folder.file(name))).toBe(true);
    expect(readdirSync(folder.path)).toEqual(expect.arrayContaining(['layout', 'logs']));
  });

  it('leaves what was there before, though nothing was in it', () => {
    open();
    const again = open();
    again.removeUnused();
    expect(readdirSync(again.path)).toEqual(['layout', 'logs']);
  });

  it('leaves what somebody has put beside it', () => {
    const folder = open();
    mkdirSync(join(parent, 'made', 'another'));
    folder.removeUnused();
    expect(readdirSync(join(parent, 'made'))).toEqual(['another']);
  });
});
