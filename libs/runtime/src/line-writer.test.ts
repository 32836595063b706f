import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { LineWriter, linesLost } from './line-writer.js';
import { createMetrics } from './metrics.js';

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** Takes so many bytes, and then none until there is more room. */
class SmallDisk {
  readonly fd = 999_999;
  content = '';
  room: number;

  constructor(room: number) {
    this.room = room;
    vi.spyOn(fs, 'write').mockImplementation(((_: number, bytes: Buffer, done: (error: Error | null, written: number) => void) => {
      const written = Math.min(this.room, bytes.length);
      this.room -= written;
      this.content += bytes.toString('utf8', 0, written);
      const isFull = written === 0 && bytes.length > 0;
      setImmediate(() => done(isFull ? Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }) : null, written));
    }) as never);
    syncBuiltinESMExports();
  }
}

test('a line of which a full disk took half stands alone, and counts as lost', async () => {
  const lostBefore = linesLost();
  const disk = new SmallDisk(9);
  const writer = new LineWriter(disk.fd);
  writer.write('first\n');
  writer.write('second\n');
  writer.write('third\n');
  await writer.written();
  disk.room = 1_000;
  writer.write('fourth\n');
  await writer.written();
  expect(disk.content).toBe('first\nsec\nfourth\n');
  expect(linesLost() - lostBefore).toBe(2);
  expect(await createMetrics('app').metrics()).toContain(`milepost_log_lines_lost_total{app="app"} ${linesLost()}\n`);
});

test('each line is whole in the log or counts as lost, wherever disks are full', async () => {
  const disk = new SmallDisk(0);
  const writer = new LineWriter(disk.fd);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(30)), { maxLength: 8 }), async (batches) => {
      const lostBefore = linesLost();
      Object.assign(disk, { room: 0, content: '' });
      const lines: string[] = [];
      for (const [count, room] of batches) {
        disk.room += room;
        for (let n = 0; n < count; n += 1) {
          lines.push(`<line ${lines.length}>`);
          writer.write(`${lines.at(-1)}\n`);
        }
        await writer.written();
      }
      const whole = new Set(disk.content.split('\n'));
      expect(lines.filter((line) => !whole.has(line))).toHaveLength(linesLost() - lostBefore);
      disk.room = 100;
      writer.write('<line 0>\n');
      await writer.written();
      // What is there but no line is the beginning of one.
      for (const text of disk.content.split('\n')) expect(text).toMatch(/^(<line \d+>|<?l?i?n?e? ?\d*)$/);
    }),
  );
});

test('what comes while nobody has read for long is lost, and counted', async () => {
  const lostBefore = linesLost();
  const disk = new SmallDisk(Number.POSITIVE_INFINITY);
  const writer = new LineWriter(disk.fd);
  writer.write('under way\n');
  const line = `${'x'.repeat(1024 * 1024 - 1)}\n`;
  for (let n = 0; n < 6; n += 1) writer.write(line);
  await writer.written();
  expect(linesLost() - lostBefore).toBe(2);
  expect(disk.content).toHaveLength('under way\n'.length + 4 * line.length);
});
