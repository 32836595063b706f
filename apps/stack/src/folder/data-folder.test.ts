import fs, { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DataFolder } from './data-folder.js';

const rmSyncOfNode = rmSync.bind(fs);
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

describe('clear', () => {
  it('deletes what the folder holds and leaves the folder, which may be a link to another disk', () => {
    const disk = join(parent, 'disk');
    mkdirSync(disk);
    symlinkSync(disk, join(parent, 'link'));
    const folder = DataFolder.open(join(parent, 'link'), { fresh: false });
    mkdirSync(folder.file('postgres'));
    writeFileSync(folder.file('postgres', 'data'), 'of vehicles');
    writeFileSync(folder.file('running.json'), '{}');
    folder.clear(['running.json']);
    expect(lstatSync(join(parent, 'link')).isSymbolicLink()).toBe(true);
    expect(readdirSync(disk)).toEqual(['layout', 'logs', 'running.json']);
  });

  it('says all the while that the folder is ours: a start that is killed on the way can be made again', () => {
    const folder = open();
    writeFileSync(folder.file('layout'), '0\n');
    for (const name of ['kafka', 'postgres', 'secrets.json']) writeFileSync(folder.file(name), '');
    let steps = 0;
    const spy = vi.spyOn(fs, 'rmSync').mockImplementation((path, options) => {
      rmSyncOfNode(path, options);
      steps += 1;
      expect(existsSync(folder.file('layout'))).toBe(true);
    });
    syncBuiltinESMExports();
    try {
      folder.clear();
    } finally {
      spy.mockRestore();
      syncBuiltinESMExports();
    }
    expect(steps).toBeGreaterThan(0);
    expect(readFileSync(folder.file('layout'), 'utf8')).toBe('1\n');
    expect(readdirSync(folder.path)).toEqual(['layout', 'logs']);
  });
});
