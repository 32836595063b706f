import type { DataFolder } from './data-folder.js';
import { endProcess, identify, isAlive, type ProcessIdentity } from './process-identity.js';

export interface RecordedProcess extends ProcessIdentity {
  name: string;
}

interface Running {
  stack: ProcessIdentity;
  processes: RecordedProcess[];
}

const fileName = 'running.json';
/** Apps drain within 10 s; Kafka and Postgres write their data out. */
const orphanTimeoutMs = 15_000;

/** Which processes this stack has started, written down so that the next start can end what a killed stack left behind, and nothing else. */
export class RunningFile {
  readonly #folder: DataFolder;
  readonly #processes = new Map<string, RecordedProcess>();

  constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  /**
   * Changes nothing: who takes the folder looks again.
   * @param fresh a record that is damaged counts for none: the remedy that is named for it is to begin anew.
   * @throws Error when the stack that the record names is still running.
   */
  requireNone({ fresh }: { fresh: boolean }): void {
    this.#left(fresh);
  }

  /**
   * Says that this stack runs here, and ends the orphans that an earlier one left behind: apps first, then the services that they drain into.
   * @throws Error as `requireNone` does.
   */
  async takeOver(say: (line: string) => void, { fresh }: { fresh: boolean }): Promise<void> {
    const orphans = this.#left(fresh)?.processes ?? [];
    // Before they end, which takes a while: another start must find us in it, and one after a kill of ours must find them.
    for (const orphan of orphans) this.#processes.set(orphan.name, orphan);
    this.#write();
    const services = new Set(['kafka', 'postgres']);
    await this.#end(
      orphans.filter(({ name }) => !services.has(name)),
      say,
    );
    await this.#end(
      orphans.filter(({ name }) => services.has(name)),
      say,
    );
    this.#processes.clear();
    this.#write();
  }

  /** Deletes everything else in the folder. */
  clearFolder(): void {
    this.#folder.clear([fileName]);
  }

  record(name: string, pid: number): void {
    const identity = identify(pid);
    if (identity === undefined) return;
    this.#processes.set(name, { name, ...identity });
    this.#write();
  }

  forget(name: string): void {
    this.#processes.delete(name);
    this.#write();
  }

  remove(): void {
    this.#folder.remove(fileName);
  }

  #left(fresh: boolean): Running | undefined {
    const left = this.#recorded(fresh);
    if (left === undefined || !isAlive(left.stack)) return left;
    throw new Error(
      `A stack is already running with ${this.#folder.path} (pid ${left.stack.pid}). Stop it first, or choose another folder with MILEPOST_DATA_DIR.`,
    );
  }

  #recorded(fresh: boolean): Running | undefined {
    try {
      return this.#folder.readJson(fileName) as Running | undefined;
    } catch (error) {
      if (fresh) return undefined;
      throw error;
    }
  }

  async #end(orphans: RecordedProcess[], say: (line: string) => void): Promise<void> {
    await Promise.all(
      orphans.map(async (orphan) => {
        if (await endProcess(orphan, orphanTimeoutMs))
          say(`Ended ${orphan.name} (pid ${orphan.pid}), which an earlier stack had left behind`);
      }),
    );
  }

  #write(): void {
    const stack = identify(process.pid);
    if (stack === undefined) throw new Error('The start time of this process cannot be read.');
    this.#folder.writeJson(fileName, { stack, processes: [...this.#processes.values()] } satisfies Running);
  }
}
