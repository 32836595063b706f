import { type Scope, scopes } from '@milepost/contracts';
import type { ApiKey } from '@milepost/database';
import { ApiProblem } from './problem.js';

/** With the command that makes a key which may do this, and all that this one may. */
export function missingScope({ name, organisation, scopes: held }: ApiKey, scope: Scope): ApiProblem {
  const wanted = scopes.filter((known) => known === scope || held.includes(known)).join(',');
  const command = `npx milepost keys create --name ${shellWord(name)} --organisation ${shellWord(organisation)} --scopes ${wanted}`;
  return new ApiProblem(
    'missing_scope',
    `This needs the scope ${scope}; the key "${name}" has ${held.join(', ')}. Make a key with it: ${command}`,
    {},
    { 'www-authenticate': `Bearer realm="milepost", error="insufficient_scope", scope="${scope}"` },
  );
}

const shellWord = (word: string): string => (/^[\w.][\w.-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
