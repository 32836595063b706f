import { type Readiness as ReadinessAnswer, readinessParts } from '@milepost/contracts';
import { cached } from './cached.js';

export type PartName = (typeof readinessParts)[number];

/** Says why a part is not ready; undefined when it is. */
export type PartCheck = () => Promise<string | undefined>;

/** Anybody may ask without a key: the parts themselves are asked seldom. */
const answerKeptMs = 1_000;
const patienceMs = 4_000;

/** Which parts of the installation work. Only those that are configured are spoken of, unless somebody asks for another. */
export class Readiness {
  readonly #checks: ReadonlyMap<PartName, PartCheck>;

  constructor(checks: Partial<Record<PartName, PartCheck>>) {
    this.#checks = new Map(
      readinessParts.flatMap((name) => {
        const check = checks[name];
        return check ? [[name, cached(answerKeptMs, () => answered(check))] as const] : [];
      }),
    );
  }

  async look(wanted: readonly PartName[] = [...this.#checks.keys()]): Promise<ReadinessAnswer> {
    const parts = await Promise.all(
      wanted.map(async (name) => {
        const check = this.#checks.get(name);
        const reason = check ? await check() : 'is not known: name it in READINESS_URLS';
        return reason === undefined ? { name, ready: true } : { name, ready: false, reason };
      }),
    );
    return { ready: parts.every((part) => part.ready), parts };
  }
}

/** A part that does not answer in time, or with an error, is not ready. */
async function answered(check: PartCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`did not answer within ${patienceMs / 1_000} s`), patienceMs);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch (error) {
    return error instanceof Error && error.message !== '' ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
