import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyLargeLogs } from './bounded-logs.js';
import { lastLines } from './last-lines.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'last-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('lastLines', () => {
  it('reads the end of a log that is longer than any text may be', () => {
    const log = join(folder, 'app.log');
    writeFileSync(log, '');
    // Sparse: it takes no room.
    truncateSync(log, 1_000_000_000);
    appendFileSync(log, '\none\ntwo\nthree\n');
    expect(lastLines(log, 2)).toEqual(['two', 'three']);
  });

  it('cuts what is long, and takes all of a short log', () => {
    const log = join(folder, 'app.log');
    writeFileSync(log, `${'x'.repeat(700)}\nshort`);
    expect(lastLines(log, 5)).toEqual(['x'.repeat(600), 'short']);
  });

  it('goes on in what a log was emptied into, where the log has too few', () => {
    const log = join(folder, 'app.log');
    writeFileSync(log, 'one\ntwo\nthree\n');
    emptyLargeLogs(folder, 1);
    expect(lastLines(log, 2)).toEqual(['two', 'three']);
    appendFileSync(log, 'four\n');
    expect(lastLines(log, 3)).toEqual(['two', 'three', 'four']);
    expect(lastLines(log, 1)).toEqual(['four']);
  });

  it('has nothing of an empty log', () => {
    const log = join(folder, 'app.log');
    writeFileSync(log, '');
    expect(lastLines(log, 5)).toEqual([]);
  });

  it('has nothing of a log that is not there', () => {
    expect(lastLines(join(folder, 'none.log'), 5)).toEqual([]);
  });
});
