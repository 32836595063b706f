import { describe, expect, it } from 'vitest';
import { numberOption, readOptions, UsageError } from './read-options.js';

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

describe('numberOption', () => {
  it('takes what lies in the range', () => {
    expect(numberOption('rate', '0', { least: 0, most: 10 })).toBe(0);
    expect(numberOption('rate', ' 10 ', { least: 0, most: 10 })).toBe(10);
    expect(numberOption('hours', '0.5', { least: 0.1, most: 24, whole: false })).toBe(0.5);
    expect(numberOption('port', '70000', { least: 0 })).toBe(70_000);
  });

  it.each(['', ' ', '-1', '11', '0.5', 'many', 'NaN'])('refuses "%s" where a whole number from 0 to 10 is wanted', (given) => {
    const message = `--rate takes a whole number from 0 to 10, not "${given}".`;
    expect(() => numberOption('rate', given, { least: 0, most: 10 })).toThrow(new UsageError(message));
  });

  it.each(['', 'Infinity', '0'])('refuses "%s" where a number from 0.1 on is wanted', (given) => {
    const message = `--hours takes a number from 0.1 on, not "${given}".`;
    expect(() => numberOption('hours', given, { least: 0.1, whole: false })).toThrow(new UsageError(message));
  });
});
