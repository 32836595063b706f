import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';

/**
 * A reader sees the old file or the whole new one, also after a power cut: temporary name, fsync, rename. Private keys get `mode` 0o600.
 * What root rewrites stays with its owner: the app that reads it may run as somebody else.
 */
export async function writeFileAtomically(path: string, content: string, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const owner = process.getuid?.() === 0 ? await stat(path).catch(() => undefined) : undefined;
    const file = await open(temporary, 'wx', mode);
    try {
      if (owner !== undefined) await file.chown(owner.uid, owner.gid);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
