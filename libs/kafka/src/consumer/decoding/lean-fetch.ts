import { createRequire } from 'node:module';
import { readFetchResponse } from './fetch-response.js';

interface FetchProtocol {
  request: object;
  response: { decode(bytes: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> };
}
/** What kafkajs 2.2.4 asks its protocol for: how a request of this version is made, and how its answer is read. */
type Protocol = (options: { version: number | string }) => (data: object) => FetchProtocol;

/** The highest that kafkajs knows, and any Kafka that is supported has. */
const version = 11;
const changed = new WeakSet<object>();

/**
 * Takes the reading of Fetch answers out of kafkajs's hands where all in them is plain (decision 0029): it makes five objects or more of every record, and big
 * integers of its times and offsets. All else of it stays. The version is pinned; where the inside differs nothing is changed.
 */
export function installLeanFetch(): boolean {
  const fetch = fetchDefinition();
  if (fetch === undefined) return false;
  if (changed.has(fetch)) return true;
  changed.add(fetch);
  const original = fetch.protocol;
  fetch.protocol = (options) => {
    const make = original(options);
    if (Number(options.version) !== version) return make;
    return (data) => {
      const { response, ...rest } = make(data);
      const decode = async (bytes: Buffer) => readFetchResponse(bytes) ?? response.decode(bytes);
      return { ...rest, response: { ...response, decode } };
    };
  };
  return true;
}

function fetchDefinition(): { protocol: Protocol } | undefined {
  try {
    const { requests } = createRequire(import.meta.url)('kafkajs/src/protocol/requests/index.js') as {
      requests?: { Fetch?: { protocol?: Protocol } };
    };
    const fetch = requests?.Fetch;
    return typeof fetch?.protocol === 'function' ? (fetch as { protocol: Protocol }) : undefined;
  } catch {
    return undefined;
  }
}
