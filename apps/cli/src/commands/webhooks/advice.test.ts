import { expect, test } from 'vitest';
import { adviceOn } from './advice.js';

const to = (url: string) => ({ id: 'w1', url });

test('a refused connection is told with where it went and a receiver to start there', () => {
  const refused = { error: 'connect ECONNREFUSED 127.0.0.1:9000' };
  expect(adviceOn(refused, to('http://127.0.0.1:9000/hook'))).toMatch(
    /Nothing listens at http:\/\/127\.0\.0\.1:9000\/hook.* python3 docs\/receivers\/receiver\.py 9000`/,
  );
  expect(adviceOn(refused, to('http://localhost/'))).toContain('receiver.py 80`');
  expect(adviceOn(refused, to('https://ops.example.com/'))).toMatch(/Nothing listens at https:\/\/ops\.example\.com\/(?!.*receiver\.py)/);
});

test.each([
  [{ error: 'getaddrinfo ENOTFOUND ops.example.com' }, 'No name server knows the host of https://ops.example.com/'],
  [{ error: 'No answer within 15 s' }, 'Nobody answers at https://ops.example.com/'],
  [{ status: 401, error: 'The receiver answered 401' }, '`npx milepost webhooks rotate w1`'],
  [{ status: 302, error: 'The receiver answered 302' }, 'Redirects are not followed'],
  [{ status: 404, error: 'The receiver answered 404' }, '`npx milepost webhooks update w1 --url URL`'],
])('%j is told with what to do', (attempt, advice) => {
  expect(adviceOn(attempt, to('https://ops.example.com/'))).toContain(advice);
});

test('what is for the receiver to mend is told without advice', () => {
  expect(adviceOn({ status: 500, error: 'The receiver answered 500' }, to('https://ops.example.com/'))).toBe('');
});
