import { DiagnosticsItemSchema, LocationItemSchema } from '@milepost/contracts';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';

/** What a value is multiplied by to come into the unit of our field. */
const factors = { s: 1_000, mps: 3.6, mph: 1.609344, knots: 1.852, miles: 1.609344, feet: 0.3048, minutes: 1 / 60 } as const;
type Unit = keyof typeof factors;

const units = Object.keys(factors) as Unit[];
const TargetSchema = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Object({ field: Type.String({ minLength: 1 }), unit: Type.Optional(Type.Enum(units)) }, { additionalProperties: false }),
]);
/** Pattern of vehicle ids (`*` stands for anything) → name as sent → our field, and the unit it is sent in. */
export const FieldMappingsSchema = Type.Record(Type.String({ pattern: '^[A-Za-z0-9._*-]+$' }), Type.Record(Type.String(), TargetSchema), {
  additionalProperties: false,
});

const fields: ReadonlySet<string> = new Set([
  ...Object.keys(LocationItemSchema.properties),
  ...Object.keys(DiagnosticsItemSchema.properties),
]);

interface Rule {
  from: string;
  to: string;
  factor: number | undefined;
}
export type FieldMapping = readonly Rule[];

export interface MappedItem {
  item: Readonly<Record<string, unknown>>;
  /** Name as sent of each field that was renamed, so that a fault points at what the vehicle sent. */
  sentAs: ReadonlyMap<string, string>;
}

const unrenamed: ReadonlyMap<string, string> = new Map();

/** Field mappings of vehicle models. Of the patterns that fit a vehicle's id the one with the most literal characters counts, alone. */
export class FieldMappings {
  readonly #patterns: { fits: RegExp; mapping: FieldMapping }[];
  readonly #byVehicle = new Map<string, FieldMapping | undefined>();

  /** @throws an error that names what is wrong with the file's content. */
  constructor(content: unknown) {
    const wrong = Value.Errors(FieldMappingsSchema, content).map((error) => `${error.instancePath || '/'} ${error.message}`);
    if (wrong.length > 0) throw new Error(`The field mappings are not usable: ${wrong.join('; ')}`);
    this.#patterns = Object.entries(content as Static<typeof FieldMappingsSchema>)
      .sort(([a], [b]) => literals(b) - literals(a) || (a < b ? -1 : 1))
      .map(([pattern, targets]) => ({ fits: globToRegExp(pattern), mapping: rulesOf(pattern, targets) }));
  }

  for(vehicleId: string): FieldMapping | undefined {
    if (this.#patterns.length === 0) return undefined;
    const known = this.#byVehicle.get(vehicleId);
    if (known !== undefined || this.#byVehicle.has(vehicleId)) return known;
    const found = this.#patterns.find(({ fits }) => fits.test(vehicleId))?.mapping;
    if (this.#byVehicle.size >= 100_000) this.#byVehicle.clear();
    this.#byVehicle.set(vehicleId, found);
    return found;
  }
}

/** Renames and converts. A field that the item has under our own name already is left alone; the item itself is never changed. */
export function mapFields(sent: Readonly<Record<string, unknown>>, mapping: FieldMapping | undefined): MappedItem {
  if (mapping === undefined) return { item: sent, sentAs: unrenamed };
  const applying = mapping.filter(({ from, to }) => Object.hasOwn(sent, from) && (from === to || !Object.hasOwn(sent, to)));
  if (applying.length === 0) return { item: sent, sentAs: unrenamed };
  const item: Record<string, unknown> = { ...sent };
  const sentAs = new Map<string, string>();
  for (const { from, to, factor } of applying) {
    delete item[from];
    const value = sent[from];
    const converted = factor !== undefined && typeof value === 'number' ? value * factor : value;
    item[to] = to === 'recordedAt' && typeof converted === 'number' ? Math.round(converted) : converted;
    sentAs.set(to, from);
  }
  return { item, sentAs };
}

function rulesOf(pattern: string, targets: Readonly<Record<string, Static<typeof TargetSchema>>>): FieldMapping {
  return Object.entries(targets).map(([from, target]) => {
    const { field: to, unit } = typeof target === 'string' ? { field: target, unit: undefined } : { unit: undefined, ...target };
    if (!fields.has(to)) {
      throw new Error(
        `The field mappings are not usable: "${pattern}" maps "${from}" to "${to}", which is none of ${[...fields].join(', ')}`,
      );
    }
    return { from, to, factor: unit === undefined ? undefined : factors[unit] };
  });
}

function literals(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}

function globToRegExp(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(/[.-]/g, '\\$&').replaceAll(/\*+/g, '.*')}$`);
}
