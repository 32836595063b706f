import { kafkaJsInside } from '../../kafkajs-inside.js';
import { type FetchAnswer, noteAsked } from './asked-at.js';
import { encodeFetchRequest, type FetchOptions } from './fetch-request.js';
import { readFetchResponse } from './fetch-response.js';
import { FetchSession } from './fetch-session.js';

/** What kafkajs 2.2.4 sends: how a request is written, and how its answer is read. */
interface Asked {
  request: {
    /** Resolves to an `Encoder` of kafkajs, of which it uses no more than this. */
    encode(): Promise<{ buf: Buffer; buffer: Buffer }>;
    /** Ours: only of a Fetch that is written here. */
    fetchOptions?: FetchOptions;
  };
  response: { decode(bytes: Buffer): Promise<FetchAnswer> };
  /** ms */
  requestTimeout?: number;
}
type MakeRequest = (data: FetchOptions) => Asked;
export type Protocol = (options: { version: number | string }) => MakeRequest;

/** The connections to one node that one client has. */
interface ConnectionPool {
  send(asked: Asked): Promise<unknown>;
}

/** The highest that kafkajs knows, and any Kafka that is supported has. */
const version = 11;
const changed = new WeakSet<object>();

/**
 * Takes the writing of Fetch requests out of kafkajs's hands, for it has no sessions (decision 0033), and the reading of their answers where all in them is plain
 * (decision 0029): it makes five objects or more of every record, and big integers of its times and offsets. All else of it stays. The version is pinned; where
 * the inside differs nothing is changed.
 */
export function installLeanFetch(): boolean {
  const fetch = kafkaJsInside<{ requests?: { Fetch?: { protocol?: Protocol } } }>('protocol/requests/index.js')?.requests?.Fetch;
  const pool = kafkaJsInside<{ prototype?: Partial<ConnectionPool> }>('network/connectionPool.js')?.prototype;
  if (typeof fetch?.protocol !== 'function' || typeof pool?.send !== 'function') return false;
  if (changed.has(fetch)) return true;
  changed.add(fetch);
  fetch.protocol = leanProtocol(fetch.protocol);
  pool.send = sendInSessions(pool.send);
  return true;
}

/** Exported for its test. */
export function leanProtocol(original: Protocol): Protocol {
  let lean: MakeRequest | undefined;
  return (options) => {
    if (Number(options.version) !== version) return original(options);
    lean ??= leanRequests(original(options));
    return lean;
  };
}

function leanRequests(make: MakeRequest): MakeRequest {
  /** What it makes where nothing is wanted, by how long that may take: for each request it asks Node for its modules again, which takes longer than our encoding. */
  const empty = new Map<number, Asked>();
  return (data) => {
    const { request, response, ...rest } = empty.get(data.maxWaitTime) ?? make({ ...data, topics: [] });
    empty.set(data.maxWaitTime, { request, response, ...rest });
    const encode = () => make(data).request.encode();
    const askedAtMs = performance.now();
    const decode = async (bytes: Buffer) => {
      const answer = readFetchResponse(bytes) ?? (await response.decode(bytes));
      noteAsked(answer, askedAtMs);
      return answer;
    };
    return { ...rest, request: { ...request, encode, fetchOptions: data }, response: { ...response, decode } };
  };
}

function sendInSessions(send: ConnectionPool['send']): ConnectionPool['send'] {
  const sessions = new WeakMap<ConnectionPool, FetchSession>();
  const asking = new WeakSet<ConnectionPool>();
  return async function sendInSession(this: ConnectionPool, asked: Asked) {
    const options = asked.request.fetchOptions;
    // One at a time: kafkajs asks a node again when it has its answer. Should it ever not, the other one goes without a session.
    if (options === undefined || asking.has(this)) return send.call(this, asked);
    const session = sessions.get(this) ?? new FetchSession();
    sessions.set(this, session);
    asking.add(this);
    const encode = async () => {
      const buffer = encodeFetchRequest(options, session.next(options.topics));
      return { buf: buffer, buffer };
    };
    try {
      const answer = await send.call(this, { ...asked, request: { ...asked.request, encode } });
      session.answered(answer as Parameters<FetchSession['answered']>[0]);
      return answer;
    } catch (error) {
      session.lost();
      throw error;
    } finally {
      asking.delete(this);
    }
  };
}
