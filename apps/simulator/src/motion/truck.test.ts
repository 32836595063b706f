import { DiagnosticsItemSchema, LocationItemSchema } from '@milepost/contracts';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { cities } from '../route/cities.js';
import { distanceKm } from '../route/great-circle.js';
import { nextLeg } from '../route/next-leg.js';
import { FaultMemory } from './fault-memory.js';
import { diagnosticsReport, locationReport } from './reports.js';
import { Truck } from './truck.js';

const hourS = 3_600;
const trucks = (count: number) => Array.from({ length: count }, (_, index) => new Truck(createRandom(`truck ${index}`)));

describe('Truck', () => {
  it('drives the same journey for the same seed, and another for another', () => {
    const [a, b, c] = [new Truck(createRandom('1')), new Truck(createRandom('1')), new Truck(createRandom('2'))];
    for (const truck of [a, b, c]) truck.advance(2 * hourS);
    expect(a.state).toEqual(b.state);
    expect(a.state).not.toEqual(c.state);
  });

  it('never leaps: it moves as far as its odometer says, and its speed changes as a truck’s can', () => {
    for (const truck of trucks(3)) {
      for (let second = 0; second < 6 * hourS; second += 10) {
        const before = truck.state;
        truck.advance(10);
        const now = truck.state;
        const km = now.odometerKm - before.odometerKm;
        // 20 m: from the end of a leg to the gate.
        expect(distanceKm(before, now)).toBeLessThanOrEqual(km + 0.021);
        expect(now.speedKph).toBeLessThanOrEqual(90);
        expect(now.speedKph - before.speedKph).toBeLessThanOrEqual(0.35 * 3.6 * 10 + 1e-6);
        expect(now.fuelLevelPct).toBeGreaterThan(0);
        expect(now.fuelLevelPct).toBeLessThanOrEqual(100);
      }
    }
  });

  it('reaches towns, stands there with its engine off, and rests after 4.5 hours', () => {
    const seen = new Set<string>();
    for (const truck of trucks(4)) {
      for (let minute = 0; minute < 24 * 60; minute += 1) {
        truck.advance(60);
        const { activity, state } = truck;
        seen.add(activity.kind === 'driving' ? 'driving' : activity.why);
        if (activity.kind === 'standing') expect(state).toMatchObject({ ignition: false, speedKph: 0 });
      }
    }
    expect(seen).toEqual(new Set(['driving', 'unloading', 'rest']));
  });

  it('reports what the contract takes', () => {
    const random = createRandom('reports');
    const faults = new FaultMemory(random);
    const [truck] = trucks(1);
    if (!truck) throw new Error('expected a truck');
    for (let hour = 0; hour < 48; hour += 1) {
      truck.advance(hourS);
      faults.advance(hourS);
      expect([...Value.Errors(LocationItemSchema, locationReport(truck.state, new Date(), hour, true))]).toEqual([]);
      expect([...Value.Errors(DiagnosticsItemSchema, diagnosticsReport(truck.state, faults.report(), new Date(), hour))]).toEqual([]);
    }
  });
});

describe('FaultMemory', () => {
  it('lets a fault be pending, then active, then cleared, which is said once', () => {
    const faults = new FaultMemory(createRandom('faults'));
    const story: string[] = [];
    for (let minute = 0; minute < 60 * 24 * 30; minute += 1) {
      faults.advance(60);
      const statuses = faults.report().map((dtc) => dtc.status);
      if (statuses.join() !== story.at(-1)) story.push(statuses.join());
    }
    const turns = story.map((now, index) => `${story[index - 1] ?? ''}→${now}`);
    expect(turns).toContain('pending→active');
    expect(turns).toContain('active→cleared');
    expect(turns).toContain('cleared→');
    expect(turns).not.toContain('pending→cleared');
  });
});

describe('nextLeg', () => {
  it('finds a way on from every city, and not back while there is another', () => {
    const random = createRandom('legs');
    for (const from of cities) {
      const leg = nextLeg(from, undefined, random);
      const onward = nextLeg(leg.to, from, random);
      expect(onward.lengthKm).toBeGreaterThan(100);
      expect(onward.to).not.toBe(leg.to);
    }
  });
});
