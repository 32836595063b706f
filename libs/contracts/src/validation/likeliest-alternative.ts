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
  const unions = new Map<string, Map<string, E[]>>();
  for (const error of errors) if (error.keyword === 'anyOf') unions.set(placeOf(error.schemaPath, error.instancePath), new Map());
  for (const error of errors) {
    for (const { union, branch } of branchesOf(error, unions)) {
      const alternative = unions.get(union)?.get(branch);
      if (alternative === undefined) unions.get(union)?.set(branch, [error]);
      else alternative.push(error);
    }
  }
  const unmeant = new Set<E>();
  // The inner ones come first: what is dropped there does not count outside.
  for (const error of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const alternatives = [...(unions.get(placeOf(error.schemaPath, error.instancePath))?.values() ?? [])];
    const [likeliest, second, ...others] = alternatives.map((all) => all.filter((one) => !unmeant.has(one))).sort(byLikeliness);
    if (likeliest === undefined || second === undefined || byLikeliness(likeliest, second) === 0) continue;
    for (const dropped of [error, ...second, ...others.flat()]) unmeant.add(dropped);
  }
  return errors.filter((error) => !unmeant.has(error));
}

const placeOf = (schemaPath = '', instancePath = ''): string => `${schemaPath} ${instancePath}`;

/** The unions that an error lies in, with the number of its alternative. There may be thousands of both: each error looks up its own. */
function branchesOf<U>({ schemaPath = '', instancePath = '' }: SchemaError, unions: ReadonlyMap<string, U>) {
  const found: { union: string; branch: string }[] = [];
  for (let at = schemaPath.indexOf('/anyOf/'); at >= 0; at = schemaPath.indexOf('/anyOf/', at + 1)) {
    const [, , branch = ''] = schemaPath.slice(at).split('/', 3);
    for (let inside = instancePath; ; inside = inside.slice(0, inside.lastIndexOf('/'))) {
      const union = placeOf(schemaPath.slice(0, at), inside);
      if (unions.has(union)) found.push({ union, branch });
      if (unions.has(union) || inside === '') break;
    }
  }
  return found;
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
