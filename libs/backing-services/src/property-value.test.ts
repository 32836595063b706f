import { expect, test } from 'vitest';
import { propertyValue } from './property-value.js';

test.each([
  ['/home/jane/my data', '/home/jane/my data'],
  ['/home/jörg/daten', '/home/j\\u00f6rg/daten'],
  ['/srv/\u{1f69a}', '/srv/\\ud83d\\ude9a'],
  ['a\\u0041b', 'a\\\\u0041b'],
])('%s is written so that Java reads it back', (text, written) => {
  expect(propertyValue(text)).toBe(written);
});
