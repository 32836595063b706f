import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import type { Change } from './saboteurs.js';

/** Where the code of apps and libraries lies; nothing else runs. */
const CODE = ['apps', 'libs', 'migrations'];

/** A throw-away copy of the built code, in which one file may be changed. Packages from outside are those of the original. */
export class Checkout {
  readonly root: string;

  constructor(original: string) {
    this.root = mkdtempSync(join(tmpdir(), 'milepost-sabotage-'));
    for (const folder of CODE) {
      cpSync(join(original, folder), join(this.root, folder), { recursive: true, filter: (path) => !path.endsWith('/node_modules') });
    }
    this.#linkPackages(original, 'node_modules');
    for (const folder of ['apps', 'libs']) {
      for (const name of readdirSync(join(original, folder))) this.#linkPackages(original, join(folder, name, 'node_modules'));
    }
  }

  /** @throws when the file is not as it was when the change was written: then it proves nothing. */
  change({ file, original, replacement }: Change): void {
    const path = join(this.root, file);
    const source = readFileSync(path, 'utf8');
    const parts = source.split(original);
    if (parts.length !== 2)
      throw new Error(`${file} has changed since the sabotage was written: "${original.trim()}" is there ${parts.length - 1} times`);
    const changed = parts.join(replacement);
    writeFileSync(path, changed);
    if (!file.endsWith('.ts')) return;
    const { outputText } = ts.transpileModule(changed, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    });
    writeFileSync(path.replace('/src/', '/dist/').replace(/\.ts$/, '.js'), outputText);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The workspace's own packages are those of the copy; every other is a link. */
  #linkPackages(original: string, folder: string): void {
    const from = join(original, folder);
    if (!existsSync(from)) return;
    const to = join(this.root, folder);
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) {
      if (name === '@milepost') {
        // Relative links: in the copy they lead into the copy.
        cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
      } else if (!name.startsWith('.')) symlinkSync(join(from, name), join(to, name));
    }
  }
}
