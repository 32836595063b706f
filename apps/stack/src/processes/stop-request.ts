/** A terminal sends Ctrl-C to npm and to us, and npm sends it on: what comes so soon is the same request. */
const SAME_REQUEST_MS = 500;

export interface StopRequestOptions {
  say(line: string): void;
  now?: () => number;
}

/** The first reason to stop drains; the next ones say that it was heard. */
export class StopRequest {
  readonly #options: StopRequestOptions;
  readonly #abort = new AbortController();
  #heardAtMs = 0;

  constructor(options: StopRequestOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heard(reason: string): void {
    const { say, now = () => performance.now() } = this.#options;
    const atMs = now();
    if (this.signal.aborted) {
      if (atMs - this.#heardAtMs >= SAME_REQUEST_MS) say('Stopping already; everything drains first.');
      return;
    }
    this.#heardAtMs = atMs;
    say(`\n${reason}: stopping. Vehicles are told, what is acknowledged is stored, then the services end.`);
    this.#abort.abort(new Error('stopped'));
  }
}
