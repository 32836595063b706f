import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const linesOf = (name: string) =>
  readFileSync(new URL(name, root), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** A line of .gitignore in the words of .dockerignore, which knows no rule for every folder but `**`. */
const forDocker = (line: string) => (line.startsWith('/') ? line.slice(1) : `**/${line}`).replace(/\/$/, '');

describe('what is copied into the image', () => {
  it('holds nothing that git leaves out: keys, passwords, data', () => {
    expect(linesOf('.dockerignore')).toEqual(expect.arrayContaining(linesOf('.gitignore').map(forDocker)));
  });

  it('takes nothing back that it leaves out', () => {
    expect([...linesOf('.dockerignore'), ...linesOf('.gitignore')].filter((line) => line.startsWith('!'))).toEqual([]);
  });

  it.each(['.env', '*.key', '.milepost/', 'secrets.json', 'stack.json'])('nor does git take %s', (secret) => {
    expect(linesOf('.gitignore')).toContain(secret);
  });
});
