import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { bindMessage } from './bind-message.js';
import { bound, type Statement } from './sql.js';

interface Serializer {
  serialize: { bind(config: { statement: string; values: readonly unknown[] }): Buffer };
}
const require = createRequire(import.meta.url);
const { serialize } = createRequire(require.resolve('pg'))('pg-protocol') as Serializer;

const statement: Statement = {
  name: 'x',
  text: '',
  arrays: new Map([
    [0, 'integer'],
    [1, 'bigint'],
    [2, 'double precision'],
    [3, 'boolean'],
    [4, 'text'],
    [5, 'bytea'],
  ]),
};
const scalars = ['tëxt', '', null, undefined, 7, -1n, true, Buffer.from('ff00', 'hex')];

it.each([
  [
    [
      [1, null, -2],
      [2n, 3, null],
      [null, 0.5, -0],
      [true, null, false],
      ['é', null, ''],
      [Buffer.from('a'), null, Buffer.alloc(0)],
      ...scalars,
    ],
  ],
  [[[1, 2], 5n, 0.5, null, 'all', Buffer.from('b'), ...scalars]],
  [[[], [], [], [], [], [], ...scalars]],
])('is the message that pg writes of the same values %#', (values) => {
  const theirs = bound(statement, values).values.map((value) =>
    typeof value === 'object' || value === undefined ? (value ?? null) : String(value),
  );
  expect(bindMessage('tögether:x', statement, values).toString('hex')).toBe(
    serialize.bind({ statement: 'tögether:x', values: theirs }).toString('hex'),
  );
});

it.each([
  ['a list', [[1]]],
  ['an object', [{}]],
])('refuses %s that the statement does not cast', (_, values) => {
  expect(() => bindMessage('x', { ...statement, arrays: new Map() }, values)).toThrow(TypeError);
});
