import { LocationItemSchema } from '@milepost/contracts';

/** How the value of a field is written, and its bounds as the schema has them. `sender` is the vehicle's own id, which is no part of the identity. */
export type PlainField = { name: string; prefix: Uint8Array } & (
  | { kind: 'number' | 'integer'; minimum: number; maximum: number }
  | { kind: 'boolean' | 'time' | 'sender' | 'attributes' }
  | { kind: 'text'; maxLength: number }
);

/** What a plain fix may hold: a field that is not among these, be it of the schema, is left to the general way. */
const names = [
  'accuracyM',
  'altitudeM',
  'attributes',
  'driverId',
  'fixValid',
  'fuelLevelPct',
  'hdop',
  'headingDeg',
  'ignition',
  'latitude',
  'longitude',
  'odometerKm',
  'recordedAt',
  'satellites',
  'sequence',
  'speedKph',
  'vehicleId',
] as const;
export type PlainName = (typeof names)[number];

/** What is looked at of a schema, or says nothing of the value. */
const looked: ReadonlySet<string> = new Set(['type', 'minimum', 'maximum', 'maxLength', 'description', '~kind', '~optional']);

/** In the order of RFC 8785, which for names of ASCII letters is that of their bytes. */
export const plainFields: readonly PlainField[] = names.toSorted().map((name) => ({
  name,
  prefix: new TextEncoder().encode(`"${name}":`),
  ...writingOf(name),
}));

/** The place of a field among `plainFields`. */
export const placeOf = (name: PlainName): number => plainFields.findIndex((field) => field.name === name);

type Writing<T> = T extends unknown ? Omit<T, 'name' | 'prefix'> : never;

interface Rules {
  type?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

/** @throws when the schema says something of a field that is not looked at here: a bug. */
function writingOf(name: PlainName): Writing<PlainField> {
  if (name === 'vehicleId') return { kind: 'sender' };
  if (name === 'recordedAt') return { kind: 'time' };
  if (name === 'attributes') return { kind: 'attributes' };
  const rules: Rules = LocationItemSchema.properties[name];
  const { type, minimum, maximum, maxLength } = rules;
  if (Object.keys(rules).every((rule) => looked.has(rule))) {
    if (type === 'boolean') return { kind: type };
    if ((type === 'number' || type === 'integer') && minimum !== undefined && maximum !== undefined)
      return { kind: type, minimum, maximum };
    if (type === 'string' && maxLength !== undefined) return { kind: 'text', maxLength };
  }
  throw new TypeError(`The plain reader does not know all rules of ${name}`);
}
