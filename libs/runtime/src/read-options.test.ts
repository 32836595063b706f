import { describe, expect, it } from 'vitest';
import { readOptions, UsageError } from './read-options.js';

const read = (...args: string[]) =>
  readOptions({ args, options: { fleet: { type: 'string' }, fresh: { type: 'boolean' } }, allowPositionals: false }).values;

describe('readOptions', () => {
  it('takes a number below zero for the value that it is', () => {
    expect(read('--fleet', '-1', '--fresh')).toMatchObject({ fleet: '-1', fresh: true });
    expect(read('--fleet=-1')).toMatchObject({ fleet: '-1' });
  });

  it.each([
    [['--flet', '3'], "Unknown option '--flet'. --help says what there is."],
    [['--fresh', '-1'], "Unknown option '-1'. --help says what there is."],
    [['--fleet'], "Option '--fleet <value>' argument missing. --help says what there is."],
    [['--fleet', '--fresh'], "Option '--fleet' argument missing. --help says what there is."],
    [['--fresh=no'], "Option '--fresh' does not take an argument. --help says what there is."],
    [['foo'], "Unexpected argument 'foo'. --help says what there is."],
  ])('says of %j in one sentence what is wrong', (args, message) => {
    expect(() => read(...args)).toThrow(new UsageError(message));
  });
});
