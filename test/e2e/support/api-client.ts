export interface Listed<T> {
  items: T[];
  nextCursor?: string;
}

/** The HTTP API as a customer calls it. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /** @throws when the answer is no success. */
  async get<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
    return this.#json<T>(await this.fetch(path, { headers }));
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const response = await this.fetch(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return this.#json<T>(response);
  }

  /** Everything of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let next = path; ; ) {
      const page = await this.get<Listed<T>>(next);
      items.push(...page.items);
      if (page.nextCursor === undefined) return items;
      next = `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.#url + path, { ...init, headers: { authorization: `Bearer ${this.#key}`, ...init.headers } });
  }

  async #json<T>(response: Response): Promise<T> {
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}
