import type { Pool } from 'pg';
import { expect, it, vi } from 'vitest';
import type { Installation } from '../../reaching/installation.js';
import { keysCreate } from './create.js';

it('a key is printed as soon as it is made: what fails behind it takes it from nobody', async () => {
  const printed: string[] = [];
  const steps: string[] = [];
  const owner = {
    query: async ({ name }: { name: string }) => {
      steps.push(`${name}, printed: ${printed.length}`);
      if (name !== 'api-keys/create') throw new Error('the connection is gone');
      return { rows: [{ id: 'an id' }] };
    },
  };
  const installation = { withOwner: (work: (pool: Pool) => unknown) => work(owner as unknown as Pool) } as unknown as Installation;
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
  ];
  try {
    const made = keysCreate(installation).parseAsync(['--name', 'ops', '--scopes', 'read'], { from: 'user' });
    await expect(made).rejects.toThrow('the connection is gone');
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  expect(printed).toEqual([expect.stringMatching(/^mp_[\w-]{43}\n$/)]);
  expect(steps).toEqual(['api-keys/create, printed: 0', 'registry/organisations-with-vehicles, printed: 1']);
});
