import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** A reader sees the old file or the whole new one, also after a power cut: temporary name, fsync, rename. Private keys get `mode` 0o600. */
export async function writeFileAtomically(path: string, content: string, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
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
