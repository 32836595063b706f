/** A reproducible source of chance: the same seed gives the same fleet. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Exponentially distributed: the time to the next of events that come at random. */
  exponential(mean: number): number;
  /** An independent source, the same for the same name. */
  fork(name: string): Random;
}

/** sfc32 (PractRand, Chris Doty-Humphrey), seeded by FNV-1a of the text. */
export function createRandom(seed: string): Random {
  let [a, b, c, d] = [fnv1a(seed), fnv1a(`${seed}/b`), fnv1a(`${seed}/c`), 1];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    exponential: (mean) => -mean * Math.log(1 - next()),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
