import { describe, expect, it } from 'vitest';
import { type Lookup, sharedLookup } from './shared-lookup.js';

describe('sharedLookup', () => {
  it('asks once for a name while the answer is due, and anew after it', () => {
    const asked: { hostname: string; answer: Parameters<Lookup>[2] }[] = [];
    const lookup = sharedLookup((hostname, _options, answer) => void asked.push({ hostname, answer }));
    const answers: unknown[] = [];
    const ask = (hostname: string) => lookup(hostname, { all: true }, (error, addresses) => answers.push(error ?? addresses));
    const [slow, other] = [[{ address: '192.0.2.1', family: 4 }], new Error('not found')];

    for (const hostname of ['slow.example', 'slow.example', 'other.example', 'slow.example']) ask(hostname);
    expect(asked.map(({ hostname }) => hostname)).toEqual(['slow.example', 'other.example']);
    asked[1]?.answer(other, []);
    asked[0]?.answer(null, slow);
    expect(answers).toEqual([other, slow, slow, slow]);
    ask('slow.example');
    expect(asked).toHaveLength(3);
  });
});
