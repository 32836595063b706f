import type { Problem } from '@milepost/contracts';
import { CliError } from '../cli-error.js';
import { inCommandLineWords } from '../command-line-words.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Page<T> {
  items: T[];
  nextCursor?: string;
}

const timeoutMs = 40_000;
const pageSize = 1_000;

/** The HTTP API, as whoever holds the key. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  /** @throws CliError with the problem's words, or that the API does not answer. */
  async call<T>(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }).catch((cause: unknown) => {
      throw new ApiUnreachableError(this.#url, cause);
    });
    const text = await response.text().catch((cause: unknown) => {
      throw new ApiUnreachableError(this.#url, cause);
    });
    if (!response.ok) throw this.#problemError(response.status, text);
    if (text === '') return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new CliError(this.#stranger(response.status), 1, { cause });
    }
  }

  /** Every item of a list, page by page, or the first of them. @throws CliError as `call` does. */
  async all<T>(path: string, filter: Readonly<Record<string, string>> = {}, most = Number.POSITIVE_INFINITY): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined && items.length < most) {
      const limit = String(Math.min(pageSize, most - items.length));
      const query = new URLSearchParams({ ...filter, limit, ...(cursor !== undefined && { cursor }) });
      const page = await this.call<Page<T>>('GET', `${path}?${query}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }

  #problemError(status: number, text: string): CliError {
    const problem = problemIn(text);
    const detail = problem ? inCommandLineWords(problem) : this.#stranger(status);
    return status >= 500 || status === 429 ? new ApiFailureError(`The API failed: ${detail}`) : new ApiRefusalError(detail, problem);
  }

  /** Another program listens there, or stands before the API. */
  #stranger(status: number): string {
    return `${this.#url} answered ${status}, and not as milepost's API does. Check MILEPOST_API_URL: it is the address of the API without /v1, like http://localhost:8080.`;
  }
}

/** Nobody answered: worth another try. */
export class ApiUnreachableError extends CliError {
  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    super(`The API at ${url} does not answer (${reason}). Is it running? Name another with MILEPOST_API_URL.`, 1, { cause });
  }
}

/** The API answered with an error of its own making or of somebody before it (5xx): worth another try too. */
export class ApiFailureError extends CliError {}

/** The API will not do it, and says why: to ask again is of no use. */
export class ApiRefusalError extends CliError {
  constructor(
    message: string,
    readonly problem: Problem | undefined,
  ) {
    super(message);
  }
}

function problemIn(text: string): Problem | undefined {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return typeof body?.detail === 'string' ? (body as Problem) : undefined;
  } catch {
    return undefined;
  }
}
