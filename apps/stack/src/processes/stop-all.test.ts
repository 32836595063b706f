import { expect, it } from 'vitest';
import { stopAll } from './stop-all.js';

it('every step is taken although an earlier one fails, and that is told', async () => {
  const taken: string[] = [];
  const failing = (reason: string) => async () => {
    taken.push(reason);
    throw new Error(reason);
  };
  await expect(stopAll([failing('the file is in use'), () => void taken.push('services'), failing('later')])).rejects.toThrow(
    'the file is in use',
  );
  expect(taken).toEqual(['the file is in use', 'services', 'later']);
});
