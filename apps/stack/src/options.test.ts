import { UsageError } from '@milepost/runtime';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.js';

describe('parseOptions', () => {
  it('simulates 25 vehicles unless told otherwise', () => {
    expect(parseOptions([])).toEqual({ fleetSize: 25, fresh: false });
    expect(parseOptions(['--fleet', '3', '--fresh'])).toEqual({ fleetSize: 3, fresh: true });
    expect(parseOptions(['--no-fleet'])).toEqual({ fleetSize: 0, fresh: false });
  });

  it('replays in real time unless told otherwise', () => {
    expect(parseOptions(['--replay', 'drive.csv'])).toEqual({ fleetSize: 25, fresh: false, replay: { file: 'drive.csv', speed: '1' } });
    expect(parseOptions(['--replay', 'drive.csv', '--speed', 'max'])).toMatchObject({ replay: { speed: 'max' } });
  });

  it.each([
    [['--fleet', 'many']],
    [['--fleet', '3', '--no-fleet']],
    [['--speed', '2']],
    [['--replay', 'x', '--speed', '-1']],
    [['--fleet', '1.5']],
    [['--fleet', '-1']],
    [['--fleet=']],
    [['--fleet', ' ']],
    [['--unknown']],
  ])('refuses %j with a reason', (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });

  it('says where options go when npm has kept one for itself', () => {
    const refused = "Unexpected argument '3'. Options come after --, as in npm start -- --fleet 3; --help says what there is.";
    expect(() => parseOptions(['3'])).toThrow(new UsageError(refused));
  });
});
