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

  it('lets names that answered go at once, however many others are silent, and counts one that falls silent among those', () => {
    const asked: { hostname: string; answer: Parameters<Lookup>[2] }[] = [];
    const lookup = sharedLookup((hostname, _options, answer) => void asked.push({ hostname, answer }));
    const ask = (hostname: string) => lookup(hostname, { all: true }, () => undefined);
    const names = () => asked.map(({ hostname }) => hostname);
    const answer = (hostname: string, error: NodeJS.ErrnoException | null) => {
      const [{ answer } = { answer: () => undefined }] = asked.splice(names().indexOf(hostname), 1);
      answer(error, []);
    };
    ask('works.example');
    answer('works.example', null);
    for (const hostname of ['silent-1.example', 'silent-2.example', 'silent-3.example', 'new.example']) ask(hostname);
    expect(names()).toEqual(['silent-1.example', 'silent-2.example']);
    ask('works.example');
    expect(names()).toEqual(['silent-1.example', 'silent-2.example', 'works.example']);

    answer('silent-1.example', Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }));
    expect(names()).toEqual(['silent-2.example', 'works.example', 'silent-3.example']);
    answer('works.example', Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }));
    ask('works.example');
    expect(names()).toEqual(['silent-2.example', 'silent-3.example']);
    answer('silent-2.example', null);
    answer('silent-3.example', null);
    expect(names()).toEqual(['new.example', 'works.example']);
  });
});
