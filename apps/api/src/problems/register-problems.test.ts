import { fastify } from 'fastify';
import Type from 'typebox';
import { expect, test } from 'vitest';
import { validatorCompiler } from '../validator.js';
import { registerProblems } from './register-problems.js';

test('a request that is validated in vain is told what it lacks, or says twice', async () => {
  const app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  registerProblems(app);
  const querystring = Type.Object({ limit: Type.Optional(Type.Integer()) });
  app.post('/things', { schema: { body: Type.Object({ name: Type.String() }), querystring } }, () => 'done');
  const detailOf = async (url: string, payload?: object) =>
    (await app.inject({ method: 'POST', url, ...(payload && { payload }) })).json<{ detail: string }>().detail;

  expect(await detailOf('/things')).toBe('the body is missing; send a JSON object');
  expect(await detailOf('/things', [])).toBe('body: must be object');
  expect(await detailOf('/things?limit=1&limit=2', { name: 'x' })).toBe('limit: is given more than once');
  expect(await detailOf('/things?limit=a', { name: 'x' })).toBe('limit: must be integer');
  await app.close();
});
