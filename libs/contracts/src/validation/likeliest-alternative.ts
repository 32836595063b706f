/** What is read here of what TypeBox says of a value. */
interface SchemaError {
  keyword?: string;
  /** Where the schema says so, as `#/properties/shape/anyOf/1/properties/type`. */
  schemaPath?: string;
  /** Where in the value (RFC 6901). */
  instancePath?: string;
  params?: { requiredProperties?: string[]; additionalProperties?: string[] };
}

/** Of the alternatives of each union only the faults of the one that the value is most like: what it lacks of the others is no fault. Where none is likelier, all. */
export function ofLikeliestAlternatives<E extends SchemaError>(errors: readonly E[]): E[] {
  let rest = [...errors];
  for (const union of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const alternatives = new Map<string, E[]>();
    for (const error of rest) {
      const branch = branchOf(error, union);
      if (branch !== undefined) alternatives.set(branch, [...(alternatives.get(branch) ?? []), error]);
    }
    const [likeliest, second] = [...alternatives.values()].sort(byLikeliness);
    if (likeliest === undefined || second === undefined || byLikeliness(likeliest, second) === 0) continue;
    rest = rest.filter((error) => error !== union && (branchOf(error, union) === undefined || likeliest.includes(error)));
  }
  return rest;
}

/** The number of the alternative that an error belongs to; undefined: it is not of that union. */
function branchOf({ schemaPath = '', instancePath = '' }: SchemaError, union: SchemaError): string | undefined {
  const inside = `${union.schemaPath}/anyOf/`;
  const at = union.instancePath ?? '';
  if (!schemaPath.startsWith(inside) || (instancePath !== at && !instancePath.startsWith(`${at}/`))) return undefined;
  return schemaPath.slice(inside.length).split('/', 1)[0];
}

/** Where as much is wrong with two, what somebody wrote tells more than what he left out: the one that knows more of it comes first. */
function byLikeliness(a: readonly SchemaError[], b: readonly SchemaError[]): number {
  return unlikeness(a) - unlikeness(b) || unknownProperties(a) - unknownProperties(b);
}

const unknownProperties = (errors: readonly SchemaError[]): number =>
  errors.reduce((sum, { params = {} }) => sum + (params.additionalProperties?.length ?? 0), 0);

/** By what tells alternatives apart: fixed values, properties that are missing or not known. */
function unlikeness(errors: readonly SchemaError[]): number {
  return errors.reduce((sum, { keyword, params = {} }) => {
    if (keyword === 'const' || keyword === 'type') return sum + 1;
    return sum + (params.requiredProperties?.length ?? 0) + (params.additionalProperties?.length ?? 0);
  }, 0);
}
