import { expect, it } from 'vitest';
import { DecoderFuzz } from './decoder-fuzz.js';

const INPUTS = 30_000;

it('mutated streams end in packets or in one clean error, whole or split, and packets are read as they are written', () => {
  const seed = Date.now() % 2 ** 31;
  const fuzz = new DecoderFuzz(seed);
  fuzz.run(INPUTS);
  const { findings } = fuzz;
  expect(findings.failures, `seed ${seed}`).toEqual([]);
  expect(findings.packets).toBeGreaterThan(INPUTS / 2);
  expect(Object.keys(findings.errors)).toEqual(expect.arrayContaining(['0x81', '0x82', '0x84', '0x90', '0x95']));
}, 30_000);
