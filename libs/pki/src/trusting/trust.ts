import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileFingerprint, isReadFailure } from '@milepost/files';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { PkiError } from '../pki-error.js';
import { readTrustedAuthority, type TrustedAuthority, TrustedAuthorityEntry } from './trusted-authority.js';

/** Something that an operator must see: trust goes on with what was last good. */
export interface TrustProblem {
  code: 'reload_failed' | 'crl_stale' | 'crl_expired';
  /** The CA's name in trusted-cas.json, where the problem is one CA's. */
  authority?: string;
  message: string;
}

export interface TrustOptions {
  /** Refuse the vehicles of a CA whose revocation list is expired or unreadable, instead of going on with the last good one. */
  strict?: boolean;
  /** How often the files are looked at. With the time to read them this bounds how long a revocation takes to count. */
  pollMs?: number;
  /** Called when a problem appears: once, not at each look. */
  onProblem?(problem: TrustProblem): void;
}

/** The CAs in use. It follows its files; every answer is from memory. */
export interface Trust {
  authorities(): readonly TrustedAuthority[];
  /** For the `ca` option of node:tls, which announces their names to clients. */
  certificatesPem(): string[];
  problems(): readonly TrustProblem[];
  /** After a reload that changed something: look at open connections again with `recheck`. @returns what ends the listening. */
  onChange(listener: () => void): () => void;
  /** Looks at the files now instead of at the next poll. */
  reload(): Promise<void>;
  close(): void;
}

export const trustLimits = { pollMs: 1_000, maxAuthorities: 100 };

const TrustFile = Type.Array(TrustedAuthorityEntry, { minItems: 1, maxItems: trustLimits.maxAuthorities });

/**
 * Reads trusted-cas.json and follows it: polled, since fs.watch misses replaced files, network folders and mounted secrets.
 * @throws PkiError when it or a file it names cannot be used now: at the start there is no last good one to keep.
 */
export async function loadTrust(
  file: string,
  { strict = false, pollMs = trustLimits.pollMs, onProblem }: TrustOptions = {},
): Promise<Trust> {
  const path = resolve(file);
  const listeners = new Set<() => void>();
  let entries: TrustedAuthorityEntry[] = [];
  let authorities: TrustedAuthority[] = [];
  let problems: TrustProblem[] = [];
  let seen = '';
  /** Of the files of the CAs in use, which are others than those of a list that cannot be used. */
  let seenInUse = '';
  let watched = [path];
  let reloading: Promise<void> | undefined;

  const readOne = (entry: TrustedAuthorityEntry): Promise<TrustedAuthority> =>
    readTrustedAuthority(
      entry,
      dirname(path),
      strict,
      authorities.find((a) => a.name === entry.name),
    );
  const filesOf = (listed: readonly TrustedAuthorityEntry[]): string[] =>
    listed
      .flatMap(({ certificateFile, crlFile }) => (crlFile === undefined ? [certificateFile] : [certificateFile, crlFile]))
      .map((name) => resolve(dirname(path), name));
  const read = async (): Promise<void> => {
    // Marked before they are read: a change in between is seen at the next look.
    const own = await fileFingerprint([path]);
    const listed = await readEntries(path);
    const named = filesOf(listed);
    const others = [...new Set([...named, ...filesOf(entries)])];
    watched = [path, ...others];
    seen = `${own}|${await fileFingerprint(others)}`;
    const marked = await fileFingerprint(named);
    authorities = await Promise.all(listed.map(readOne));
    entries = listed;
    seenInUse = marked;
  };
  /** Reads some of the CAs in use anew, and leaves as they are those that cannot be. @returns whether there is something new. */
  const readAnew = async (isMeant: (last: TrustedAuthority) => boolean): Promise<boolean> => {
    const before = authorities;
    authorities = await Promise.all(
      before.map(async (last) => {
        const entry = isMeant(last) ? entries.find(({ name }) => name === last.name) : undefined;
        const now = entry && (await readOne(entry).catch(() => undefined));
        return now === undefined || (now.unread && last.unread) ? last : now;
      }),
    );
    return authorities.some((authority, index) => authority !== before[index]);
  };
  /** The list cannot be used, so these stay: what they revoke counts all the same. */
  const followInUse = async (): Promise<boolean> => {
    const found = await fileFingerprint(filesOf(entries));
    if (found === seenInUse) return false;
    seenInUse = found;
    return readAnew(() => true);
  };
  const report = (found: TrustProblem[]): void => {
    const known = new Set(problems.map((p) => p.message));
    problems = found;
    for (const problem of found) if (!known.has(problem.message)) onProblem?.(problem);
  };
  const readAll = async (): Promise<{ isNews: boolean; failures: TrustProblem[] }> => {
    try {
      await read();
      return { isNews: true, failures: [] };
    } catch (error) {
      // The next look reads again: what the file system did not give may be there then, with the same fingerprint.
      if (isReadFailure(error)) seen = '';
      const message = error instanceof Error ? error.message : String(error);
      const failure: TrustProblem = { code: 'reload_failed', message: `The trusted CAs stay as they were. ${message}` };
      return { isNews: await followInUse(), failures: [failure] };
    }
  };
  /** The lists that the file system did not give are tried again. */
  const readMissing = async () => ({
    isNews: await readAnew(({ unread }) => unread === true),
    failures: problems.filter(({ code }) => code === 'reload_failed'),
  });
  const look = async (): Promise<void> => {
    const found = await fileFingerprint(watched);
    const isChanged = found !== seen;
    seen = found;
    const { isNews, failures } = await (isChanged ? readAll() : readMissing());
    if (isNews) for (const listener of listeners) listener();
    report([...listProblems(authorities), ...failures]);
  };
  const reload = (): Promise<void> => {
    reloading ??= look().finally(() => {
      reloading = undefined;
    });
    return reloading;
  };

  await read();
  report(listProblems(authorities));
  const timer = setInterval(() => void reload(), pollMs);
  timer.unref();
  return {
    authorities: () => authorities,
    certificatesPem: () => authorities.map((a) => a.pem),
    problems: () => problems,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload,
    close: () => clearInterval(timer),
  };
}

async function readEntries(path: string): Promise<TrustedAuthorityEntry[]> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const why = cause instanceof SyntaxError ? `it is not JSON (${said}). Is it the trusted-cas.json?` : said;
    throw new PkiError('trust_unreadable', `The trusted CAs cannot be read from ${path}: ${why}`, { cause });
  }
  if (!Value.Check(TrustFile, content)) {
    const errors = [...Value.Errors(TrustFile, content)].slice(0, 3).map((e) => `${e.instancePath || '/'} ${e.message}`);
    throw new PkiError(
      'trust_unreadable',
      `${path} must be a list like [{"name": "…", "certificateFile": "ca.crt", "organisations": ["*"], "crlFile": "ca.crl"}]: ${errors.join('; ')}.`,
    );
  }
  const twice = content.find((entry, index) => content.findIndex((e) => e.name === entry.name) !== index);
  if (twice) throw new PkiError('trust_unreadable', `${path} names the CA "${twice.name}" twice; names must be unique.`);
  return content;
}

function listProblems(authorities: readonly TrustedAuthority[], now = new Date()): TrustProblem[] {
  return authorities.flatMap((a): TrustProblem[] => {
    const effect = a.strict ? 'Its vehicles are refused (strict).' : 'The last good list stays in use.';
    if (a.stale !== undefined) return [{ code: 'crl_stale', authority: a.name, message: `${a.stale} ${effect}` }];
    if (a.revoked?.nextUpdate && a.revoked.nextUpdate <= now) {
      const since = a.revoked.nextUpdate.toISOString();
      return [
        {
          code: 'crl_expired',
          authority: a.name,
          message: `The revocation list of "${a.name}" expired at ${since}; publish a new one. ${effect}`,
        },
      ];
    }
    return [];
  });
}
