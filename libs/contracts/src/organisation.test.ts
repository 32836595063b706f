import { describe, expect, it } from 'vitest';
import { isStorableOrganisation } from './organisation.js';

describe('isStorableOrganisation', () => {
  it.each([['a'], ['Spedition Müller & Söhne'], ['🚚'.repeat(128)]])('takes %j', (name) => {
    expect(isStorableOrganisation(name)).toBe(true);
  });

  it.each([[''], ['é'.repeat(129)], ['a\0b'], ['a\ufffd']])('does not take %j', (name) => {
    expect(isStorableOrganisation(name)).toBe(false);
  });
});
