import { statementsIn } from '../conformance.mjs';

/** Mutants that a statement gets at a time. */
const MUTANTS_A_STATEMENT = 4;

/** Which statements of the specification are proven: a test that holds one failed for a mutant. */
export class StatementProofs {
  #mutants;
  /** Statement → the mutants that its tests run over, those with the fewest other tests first: the likeliest, and the cheapest. */
  #mutantsOf = new Map();
  #proven = new Set();

  /** @param mutants results of a run, with `coveredBy` */
  constructor(mutants) {
    this.#mutants = mutants.filter(({ status }) => status === 'Killed');
    for (const mutant of this.#mutants) {
      for (const statement of named(mutant.coveredBy)) {
        if (!this.#mutantsOf.has(statement)) this.#mutantsOf.set(statement, []);
        this.#mutantsOf.get(statement).push(mutant);
      }
    }
    for (const candidates of this.#mutantsOf.values()) candidates.sort((a, b) => a.coveredBy.length - b.coveredBy.length);
    this.add(mutants);
  }

  /** Counts the tests that failed in a run. */
  add(mutants) {
    for (const { killedBy } of mutants) for (const statement of named(killedBy)) this.#proven.add(statement);
  }

  /** Where the next mutants are that the statements without a proof are tried with, as ranges for Stryker. */
  nextMutants(round) {
    const from = round * MUTANTS_A_STATEMENT;
    const chosen = this.#silent().flatMap((statement) => this.#mutantsOf.get(statement).slice(from, from + MUTANTS_A_STATEMENT));
    return [...new Set(chosen.map(rangeOf))];
  }

  summary() {
    const silent = this.#silent();
    const all = this.#mutantsOf.size;
    const lines = [`${all - silent.length} of ${all} statements that these tests hold: a test of theirs failed for at least one mutant\n`];
    if (silent.length > 0) lines.push(`without such a mutant: ${silent.join(', ')}\n`);
    return lines.join('');
  }

  #silent() {
    return [...this.#mutantsOf.keys()].filter((statement) => !this.#proven.has(statement)).sort();
  }
}

/** The numbers of the statements in the names of these tests. */
function named(tests) {
  return new Set((tests ?? []).flatMap(statementsIn));
}

/** `file:line:column-line:column`; Stryker reports columns from 1 and takes them from 0. */
function rangeOf({ fileName, location: { start, end } }) {
  return `${fileName}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}
