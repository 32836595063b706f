import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileFingerprint } from './file-fingerprint.js';
import { isReadFailure } from './is-read-failure.js';

export interface FollowOptions<T> {
  /** @throws Error that says what is wrong and where; the last good content stays then. */
  parse(text: string, path: string): T;
  /** How often the file is looked at. Polled, since fs.watch misses replaced files, network folders and mounted secrets. */
  pollMs?: number;
  /** The file changed and cannot be used; called once for each such change, or for each other reason while it is tried again. */
  onProblem?(error: Error): void;
}

/** What a file says. Every answer is from memory. */
export interface FollowedFile<T> {
  readonly path: string;
  readonly content: T;
  /** After a change that could be read. @returns what ends the listening. */
  onChange(listener: (content: T, previous: T) => void): () => void;
  /** Looks at the file now instead of at the next poll. */
  reload(): Promise<void>;
  close(): void;
}

const POLL_MS = 1_000;

/**
 * Reads a file and follows its changes.
 * @throws Error when it cannot be used now: at the start there is no last good content to keep.
 */
export async function followFile<T>(file: string, { parse, pollMs = POLL_MS, onProblem }: FollowOptions<T>): Promise<FollowedFile<T>> {
  const path = resolve(file);
  const listeners = new Set<(content: T, previous: T) => void>();
  const read = async (): Promise<T> => parse(await readFile(path, 'utf8'), path);
  // Marked before it is read: a change in between is seen at the next look.
  let seen = await fileFingerprint([path]);
  let content = await read();
  let looking: Promise<void> | undefined;
  /** What the file system said of a read that is tried at each look. */
  let failure: string | undefined;

  const look = async (): Promise<void> => {
    const found = await fileFingerprint([path]);
    if (found === seen && failure === undefined) return;
    const known = found === seen ? failure : undefined;
    seen = found;
    const previous = content;
    try {
      content = await read();
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      failure = isReadFailure(error) ? error.message : undefined;
      if (error.message !== known) onProblem?.(error);
      return;
    }
    failure = undefined;
    for (const listener of listeners) listener(content, previous);
  };
  const reload = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void reload(), pollMs);
  timer.unref();
  return {
    path,
    get content() {
      return content;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload,
    close: () => clearInterval(timer),
  };
}
