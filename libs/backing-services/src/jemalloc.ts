import { existsSync } from 'node:fs';

/** The library's name since jemalloc 4, by which Linux's loader finds it as well. */
const LIBRARY = 'libjemalloc.so.2';

/** Debian and Ubuntu, by architecture; Fedora and SUSE; Arch and Alpine. */
const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** Where this machine has jemalloc, an allocator that gives memory back; undefined: it has none (Debian: `apt-get install libjemalloc2`). */
export function findJemalloc(exists: (path: string) => boolean = existsSync): string | undefined {
  return folders.map((folder) => `${folder}/${LIBRARY}`).find(exists);
}

/** Environment of a Node process that is to allocate with that library. What the user preloads comes first. */
export function allocateWith(library: string, preloaded = process.env.LD_PRELOAD): { LD_PRELOAD: string } {
  return { LD_PRELOAD: preloaded ? `${preloaded}:${library}` : library };
}
