import { heldStatements, statementsIn } from '../conformance.mjs';
import { root } from '../prepare.mjs';

const ENGINE = 'libs/mqtt/';
const BROKER = 'apps/broker/src/';
/** Of all the statements, so many may a mutant fail that is to prove one. */
const MAX_PART_FAILED = 1 / 2;

/** Statement → the unit tests of the broker that hold it: all the statements that no test of the engine holds. */
function statementsOfTheBroker() {
  const outside = heldStatements().filter(([, tests]) => !tests.some(({ file }) => file.startsWith(ENGINE)));
  return new Map(outside.map(([statement, tests]) => [statement, tests.filter(({ file }) => file.startsWith(BROKER))]));
}

/** The files with these tests. */
export function brokerTestFiles() {
  const files = [...statementsOfTheBroker().values()].flatMap((tests) => tests.map(({ file }) => file));
  return [...new Set(files)].sort();
}

/**
 * Which of these statements are proven, and by which mutant: a test that holds the statement failed for it, and at least half of the
 * statements were left alone. A mutant that fails more says that no client is served any more, and not that this statement's end is noticed.
 */
export class BrokerProofs {
  /** Statement → the tests that hold it, in the order of the specifications. */
  #held;
  /** Statement → the mutant that proves it with the fewest tests failing. */
  #proofs = new Map();
  /** File → the statements whose tests are known to run over it. */
  #touched = new Map();

  /** @param held statement → the tests that hold it, `{ file, number }` */
  constructor(held = statementsOfTheBroker()) {
    this.#held = held;
  }

  /** @param mutants results of a run that asked every test */
  add(mutants) {
    for (const mutant of mutants) {
      const file = mutant.fileName.replace(root, '');
      if (!this.#touched.has(file)) this.#touched.set(file, new Set());
      for (const statement of this.#heldBy(mutant.coveredBy)) this.#touched.get(file).add(statement);
      this.#judge(mutant);
    }
  }

  /** The statements that no mutant has proven. */
  get silent() {
    return [...this.#held.keys()].filter((statement) => !this.#proofs.has(statement));
  }

  /**
   * Of these blocks, those where a mutant may be a proof that is missing, as far as is known: first where the tests of the fewest
   * statements run, for there a mutant says most of the one that is meant.
   */
  worthAsking(blocks) {
    const { silent } = this;
    const touchedBy = (block) => this.#touched.get(block.replace(/:[\d-]+$/, ''));
    const isWorth = (block) => touchedBy(block) === undefined || silent.some((statement) => touchedBy(block).has(statement));
    const breadth = (block) => touchedBy(block)?.size ?? 0;
    return blocks.filter(isWorth).sort((a, b) => breadth(a) - breadth(b));
  }

  /** @returns `[statement, mutant]` in the order of the specifications; no mutant: it is not proven. */
  all() {
    return [...this.#held.keys()].map((statement) => [statement, this.#proofs.get(statement)]);
  }

  #judge(mutant) {
    const failed = this.#heldBy(mutant.killedBy);
    if (failed.length > this.#held.size * MAX_PART_FAILED) return;
    for (const statement of failed) {
      const known = this.#proofs.get(statement);
      if (known === undefined || mutant.killedBy.length < known.killedBy.length) this.#proofs.set(statement, mutant);
    }
  }

  /** @param tests `file#name`, as the test runner calls them, or undefined */
  #heldBy(tests = []) {
    return [...this.#held].flatMap(([statement, holding]) => {
      const otherLevel = statement.startsWith('v3 ') ? 'level 5' : 'level 4';
      const isHeldBy = (test) =>
        !test.includes(otherLevel) &&
        holding.some(({ file, number }) => test.startsWith(`${file}#`) && statementsIn(test).includes(number));
      return tests.some(isHeldBy) ? [statement] : [];
    });
  }
}
