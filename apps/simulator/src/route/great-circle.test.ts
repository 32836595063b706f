import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearingDeg, destination, distanceKm } from './great-circle.js';

const point = fc.record({
  latitude: fc.double({ min: -85, max: 85, noNaN: true }),
  longitude: fc.double({ min: -180, max: 179.999, noNaN: true }),
});

describe('great circle', () => {
  it('agrees with published distances', () => {
    const paris = { latitude: 48.8566, longitude: 2.3522 };
    const berlin = { latitude: 52.52, longitude: 13.405 };
    expect(distanceKm(paris, berlin)).toBeCloseTo(877.5, 0);
    expect(bearingDeg(paris, berlin)).toBeCloseTo(58.5, 0);
  });

  it('arrives where it aimed at, also across ±180°', () => {
    fc.assert(
      fc.property(
        point,
        fc.double({ min: 0, max: 360, noNaN: true }),
        fc.double({ min: 0.1, max: 2_000, noNaN: true }),
        (from, bearing, km) => {
          const to = destination(from, bearing, km);
          expect(distanceKm(from, to)).toBeCloseTo(km, 3);
          expect(Math.abs(to.latitude)).toBeLessThanOrEqual(90);
          expect(to.longitude).toBeGreaterThanOrEqual(-180);
          expect(to.longitude).toBeLessThan(180);
          expect(distanceKm(destination(from, bearingDeg(from, to), distanceKm(from, to)), to)).toBeLessThan(0.01);
        },
      ),
    );
  });
});
