import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('says that nothing is built yet, and what builds it, instead of a stack trace', () => {
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'milepost-not-built-')));
  try {
    const app = join(workspace, 'apps/cli');
    cpSync(fileURLToPath(new URL('../bin', import.meta.url)), join(app, 'bin'), { recursive: true });
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    const { status, stderr } = spawnSync(process.execPath, [join(app, 'bin/milepost.js'), 'doctor'], { encoding: 'utf8' });
    expect(stderr).toMatch(/^milepost: nothing is built yet in .*milepost-not-built-.*`npm start`.*`npm ci && npm run build`\.\n$/);
    expect(stderr).toContain(workspace);
    expect(status).toBe(1);
  } finally {
    rmSync(workspace, { recursive: true });
  }
});
