import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifySchemaCompiler } from 'fastify';
import type { TObject, TSchema } from 'typebox';

/** What a parameter that is written otherwise stays: a text, which its type refuses. */
const readings: Readonly<Record<string, (text: string) => unknown>> = {
  integer: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

/**
 * Fastify's for TypeBox, but for what a query's parameters are taken for: there `limit=5.5` was 5, `limit=true` 1 and an empty one 0.
 * Of a body nothing is converted.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = (route) => {
  const check = TypeBoxValidatorCompiler({ ...route, httpPart: 'body' });
  if (route.httpPart !== 'querystring') return check;
  const { properties } = route.schema as TObject;
  const readingOf = (name: string) => {
    const { type } = (properties[name] ?? {}) as { type?: string };
    return type === undefined ? undefined : readings[type];
  };
  const read = ([name, value]: [string, unknown]) => [name, typeof value === 'string' ? (readingOf(name)?.(value) ?? value) : value];
  return (query) => check(Object.fromEntries(Object.entries(query as Readonly<Record<string, unknown>>).map(read)));
};
