import { describe, expect, it } from 'vitest';
import { newClusterId } from './cluster-id.js';

describe('newClusterId', () => {
  it('never begins with a dash, which the storage tool takes for an option', () => {
    const drawn = ['f8000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000001'];
    expect(newClusterId(() => drawn.shift() ?? '')).toBe('AAAAAAAAQACAAAAAAAAAAQ');
    expect(newClusterId()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
  });
});
