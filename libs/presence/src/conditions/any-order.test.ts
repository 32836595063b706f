import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, depot, fix, inDepot, inYard, JudgedVehicle, onTheRoad, T0, volts, yard } from './conditions.fixture.js';
import type { PlacedFact } from './judge-conditions.js';
import { REORDERED_ITEMS } from './reordering.js';

/** Few moments beside all of them, so that two items of one moment are common: there their identity decides. */
const second = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constantFrom(0, 150, 300, 450));
const identity = fc.integer({ min: -3, max: 3 }).map(String);
const places = fc.constantFrom(inYard, inDepot, onTheRoad, { latitude: 51.0101, longitude: 7.01 }, { ...onTheRoad, accuracyM: 900 });

const fixes: fc.Arbitrary<PlacedFact> = fc.tuple(second, identity, places).map(([s, id, place]) => ({ ...fix(s, place), identity: id }));
const readings: fc.Arbitrary<PlacedFact> = fc
  .tuple(second, identity, fc.constantFrom(11, 11.9, 12.5))
  .map(([s, id, value]) => ({ ...volts(s, value), identity: id }));
const mentions: fc.Arbitrary<PlacedFact> = fc
  .tuple(second, identity, fc.constantFrom('P0420', 'P0300'), fc.constantFrom('active' as const, 'cleared' as const, 'pending' as const))
  .map(([s, id, code, status]) => at(s, { kind: 'report', dtcs: [{ code, status }] }, { identity: id }));
const others: fc.Arbitrary<PlacedFact> = fc.oneof(
  second.map((s) => at(s, { kind: 'emergency', events: [{ type: 'crash', name: 'crash' }] })),
  fc
    .tuple(second, fc.constantFrom(5, 365))
    .map(([s, days]) => at(s, { kind: 'certificate', serial: String(days), notAfterMs: T0 + days * 86_400_000 })),
);

/** Of two items of one moment and identity there is only one: they are the same item. */
const unique = (facts: PlacedFact[]) => [
  ...new Map(facts.map((fact) => [`${fact.fact.kind}/${fact.recordedAtMs}/${fact.identity}`, fact])).values(),
];

const history = fc
  .tuple(
    fc.array(fixes, { maxLength: REORDERED_ITEMS }),
    fc.array(fc.oneof(readings, mentions), { maxLength: REORDERED_ITEMS }),
    fc.array(others, { maxLength: 4 }),
  )
  .map((kinds) => unique(kinds.flat()));

/** One holds from the middle of the items' time on. */
const fences = [{ ...yard, sinceMs: T0 + 200_000 }, depot];
const NOW = T0 + 700_000;
/** Cleared codes have stayed cleared by then. */
const LATER = NOW + 3_600_000;

/** What is open in the end, and of one that a single item decides, which. */
function openAfter(batches: PlacedFact[][]): { open: string[]; decided: [string, string | undefined][] } {
  const truck = new JudgedVehicle({ fences });
  for (const batch of batches) truck.judge(batch, NOW);
  truck.judge([], LATER);
  const decided = Object.entries(truck.recordedAt).filter(([name]) => name.startsWith('battery_low') || name.startsWith('geofence'));
  return { open: truck.open, decided: decided.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

describe('any order', () => {
  it('of the items of a vehicle, in any batches and with any repetition, ends with what is open after the sorted, unique ones', () => {
    const shuffled = history.chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        fc.shuffledSubarray(facts, { minLength: facts.length }),
        fc.array(fc.nat({ max: Math.max(0, facts.length - 1) }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([facts, order, repeats, size]) => {
        const arriving = [...order, ...repeats.flatMap((index) => facts[index] ?? [])];
        const batches = Array.from({ length: Math.ceil(arriving.length / size) }, (_, index) =>
          arriving.slice(index * size, (index + 1) * size),
        );
        expect(openAfter(batches)).toEqual(openAfter(facts.length === 0 ? [] : [facts]));
      }),
      { numRuns: 200 },
    );
  });

  it('cut into batches in any way opens, tells and resolves the same', () => {
    fc.assert(
      fc.property(
        history.chain((facts) => fc.shuffledSubarray(facts, { minLength: facts.length })),
        fc.integer({ min: 1, max: 6 }),
        (facts, size) => {
          const one = new JudgedVehicle({ fences });
          one.judge(facts, NOW);
          const many = new JudgedVehicle({ fences });
          for (let from = 0; from < facts.length; from += size) many.judge(facts.slice(from, from + size), NOW);
          expect(many.effects).toEqual(one.effects);
          expect(many.state).toEqual(one.state);
        },
      ),
      { numRuns: 100 },
    );
  });
});
