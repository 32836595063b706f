import type { ApiKey } from '@milepost/database';
import { expect, test } from 'vitest';
import { missingScope } from './missing-scope.js';

const key: ApiKey = { id: 'k', organisationId: 1, organisation: 'acme', name: "Anna's", scopes: ['webhooks:write', 'read'] };

test('a scope that is missing comes with a command that runs, and loses nothing that the key may', () => {
  expect(missingScope(key, 'alerts:write').message).toBe(
    `This needs the scope alerts:write; the key "Anna's" has webhooks:write, read. ` +
      `Make a key with it: npx milepost keys create --name 'Anna'\\''s' --organisation acme --scopes read,alerts:write,webhooks:write`,
  );
});
