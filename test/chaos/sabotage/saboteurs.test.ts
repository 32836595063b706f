import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { saboteurs } from './saboteurs.js';

const root = new URL('../../../', import.meta.url);

it.each(saboteurs.flatMap(({ name, changes }) => changes.map((change) => ({ name, ...change }))))(
  '$name finds in $file what it changes, once: else it would prove nothing',
  ({ file, original }) => {
    expect(readFileSync(new URL(file, root), 'utf8').split(original)).toHaveLength(2);
  },
);
