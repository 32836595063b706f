import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Raised when an older layout can no longer be read. */
const layoutVersion = '1';

export interface Secrets {
  /** From it the passwords of the apps' database roles are derived. */
  roleSecret: string;
  /** The development API key, once it was made. */
  apiKey?: string;
  /** Of the development user at the operators' door. */
  operatorPassword?: string;
}

/** Where one stack keeps everything: services' data, certificates, secrets, logs, and what runs. */
export class DataFolder {
  readonly path: string;
  /** The outermost folder that `open` has made for a new one. */
  #firstMade: string | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens the folder, or makes it.
   * @param fresh its data are to be deleted (`clear`): then it may be of another layout, or damaged.
   * @throws Error when the folder is not one of ours, or of another layout.
   */
  static open(path: string, options: { fresh: boolean }): DataFolder {
    const folder = DataFolder.look(path, options);
    const isNew = !existsSync(folder.#marker);
    const firstMade = folder.#make();
    if (isNew) folder.#firstMade = firstMade;
    return folder;
  }

  /** As `open`, and makes nothing: the folder may not be there. */
  static look(path: string, { fresh }: { fresh: boolean }): DataFolder {
    const folder = new DataFolder(resolve(path));
    if (!existsSync(folder.#marker)) {
      if (!existsSync(folder.path) || readdirSync(folder.path).length === 0) return folder;
      throw new Error(
        `${folder.path} is not empty and was not made by milepost: nothing in it was touched. Choose another folder with MILEPOST_DATA_DIR.`,
      );
    }
    const version = readFileSync(folder.#marker, 'utf8').trim();
    if (version !== layoutVersion && !fresh) {
      throw new Error(
        `${folder.path} has the layout "${version}", and this milepost knows "${layoutVersion}". Start anew with \`npm start -- --fresh\`, or choose another folder with MILEPOST_DATA_DIR.`,
      );
    }
    return folder;
  }

  /**
   * Deletes all that is in it, and makes it anew. The folder itself stays, which may be a mount or a link to another disk; so does what says that
   * it is ours, for a start that is killed on the way, and what is to be kept.
   */
  clear(keep: readonly string[] = []): void {
    const staying = [this.#marker, ...keep.map((name) => this.file(name))];
    for (const name of readdirSync(this.path)) {
      if (!staying.includes(this.file(name))) rmSync(this.file(name), { recursive: true, force: true });
    }
    writeFileSync(this.#marker, `${layoutVersion}\n`);
    this.#make();
  }

  /** Takes back what `open` has made, unless something has come into it: a start that is refused leaves no folder behind that was not there. */
  removeUnused(): void {
    const logs = this.file('logs');
    if (this.#firstMade === undefined || !existsSync(logs)) return;
    const isUsed = readdirSync(this.path).some((name) => this.file(name) !== logs && this.file(name) !== this.#marker);
    if (isUsed || readdirSync(logs).length > 0) return;
    rmSync(this.#marker);
    for (let made = logs; ; made = dirname(made)) {
      try {
        rmdirSync(made);
      } catch {
        // Somebody has put something beside it.
        return;
      }
      if (made === this.#firstMade) return;
    }
  }

  get #marker(): string {
    return this.file('layout');
  }

  #make(): string | undefined {
    const firstMade = mkdirSync(this.file('logs'), { recursive: true, mode: 0o700 });
    if (!existsSync(this.#marker)) writeFileSync(this.#marker, `${layoutVersion}\n`);
    return firstMade;
  }

  file(...names: string[]): string {
    return resolve(this.path, ...names);
  }

  /** Written whole or not at all, and readable by nobody else: several of these hold secrets. */
  writeJson(name: string, value: unknown): void {
    const path = this.file(name);
    writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
  }

  /** @throws Error naming the file when it is damaged. */
  readJson(name: string): unknown {
    const path = this.file(name);
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw new Error(
        `${path} is damaged (${cause instanceof Error ? cause.message : cause}). Delete that file, or start anew with \`npm start -- --fresh\`.`,
        { cause },
      );
    }
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  secrets(): Secrets {
    const stored = this.readJson('secrets.json') as Secrets | undefined;
    if (typeof stored?.roleSecret === 'string') return stored;
    const made: Secrets = { roleSecret: randomBytes(32).toString('base64url') };
    this.writeJson('secrets.json', made);
    return made;
  }
}
