import { readdirSync, readFileSync } from 'node:fs';

export const BLOCK_LINES = 20;

/** What can be mutated below a folder: its source without tests and what these need. */
export function sourceFiles(folder) {
  const names = readdirSync(folder, { recursive: true }).map((name) => `${folder}${name}`);
  return names.filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$|\/index\.ts$/.test(name)).sort();
}

/** The lines of these files in blocks, as ranges for Stryker, in an order by chance: the same seed gives the same. */
export function shuffledBlocks(files, seed) {
  const blocks = files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    return Array.from({ length: Math.ceil(lines / BLOCK_LINES) }, (_, index) => {
      const first = index * BLOCK_LINES + 1;
      return `${file}:${first}-${Math.min(first + BLOCK_LINES - 1, lines)}`;
    });
  });
  return shuffled(blocks, seed);
}

/** Fisher–Yates with a small linear congruential generator. */
function shuffled(items, seed) {
  const copy = [...items];
  let state = seed;
  for (let last = copy.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const chosen = state % (last + 1);
    [copy[last], copy[chosen]] = [copy[chosen], copy[last]];
  }
  return copy;
}
