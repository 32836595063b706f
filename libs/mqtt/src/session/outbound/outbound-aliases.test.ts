import { expect, it } from 'vitest';
import { OutboundAliases } from './outbound-aliases.js';

it('gives the first topics an alias each, as many as the client allows, and tells it once', () => {
  const aliases = new OutboundAliases(2);
  expect(['a', 'b', 'a', 'c', 'b'].map((topic) => aliases.use(topic))).toEqual([
    { alias: 1, known: false },
    { alias: 2, known: false },
    { alias: 1, known: true },
    undefined,
    { alias: 2, known: true },
  ]);
});

it('gives none where the client allows none', () => {
  expect(new OutboundAliases(0).use('a')).toBeUndefined();
});

it('gives the alias of a packet that was not sent to the next topic', () => {
  const aliases = new OutboundAliases(2);
  aliases.use('a');
  aliases.use('b');
  aliases.forget('b');
  aliases.forget('never given');
  expect(aliases.use('c')).toEqual({ alias: 2, known: false });
  expect(aliases.use('b')).toBeUndefined();
  expect(aliases.use('a')).toEqual({ alias: 1, known: true });
});
