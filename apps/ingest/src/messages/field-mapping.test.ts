import { describe, expect, it } from 'vitest';
import { FieldMappings, mapFields } from './field-mapping.js';

const mappings = new FieldMappings({
  '*': { lat: 'latitude', lon: 'longitude', ts: { field: 'recordedAt', unit: 's' } },
  'truck-*': { lat: 'latitude', lon: 'longitude', v: { field: 'speedKph', unit: 'mps' } },
  'truck-7': { spd: { field: 'speedKph' } },
});

describe('FieldMappings', () => {
  it('renames and converts into our units', () => {
    const { item, sentAs } = mapFields({ ts: 1_700_000_000.25, lat: 1, lon: 2, other: 3 }, mappings.for('car-1'));
    expect(item).toEqual({ recordedAt: 1_700_000_000_250, latitude: 1, longitude: 2, other: 3 });
    expect([...sentAs]).toEqual([
      ['latitude', 'lat'],
      ['longitude', 'lon'],
      ['recordedAt', 'ts'],
    ]);
  });

  it('takes the most literal pattern that fits, alone', () => {
    expect(mapFields({ v: 10, ts: 1, spd: 9 }, mappings.for('truck-1')).item).toEqual({ speedKph: 36, ts: 1, spd: 9 });
    expect(mapFields({ v: 10, ts: 1, spd: 9 }, mappings.for('truck-7')).item).toEqual({ v: 10, ts: 1, speedKph: 9 });
  });

  it('leaves a field alone that has our name already, and the item as it was sent', () => {
    const sent = Object.freeze({ lat: 5, latitude: 6 });
    expect(mapFields(sent, mappings.for('car-1')).item).toEqual({ lat: 5, latitude: 6 });
    const renamed = Object.freeze({ lat: 5 });
    mapFields(renamed, mappings.for('car-1'));
    expect(renamed).toEqual({ lat: 5 });
  });

  it('does not convert what is no number: the schema says what is wrong with it', () => {
    expect(mapFields({ ts: 'soon' }, mappings.for('car-1')).item).toEqual({ recordedAt: 'soon' });
  });

  it('reads a dot in a pattern as a dot', () => {
    const dotted = new FieldMappings({ 'a.b*': { x: 'latitude' } });
    expect(dotted.for('a.b1')).toBeDefined();
    expect(dotted.for('aXb1')).toBeUndefined();
  });

  it.each([
    [{ '*': { lat: 'lattitude' } }, /"lat" to "lattitude"/],
    [{ '*': { ts: { field: 'recordedAt', unit: 'fortnights' } } }, /not usable/],
    [{ 'a b': {} }, /not usable/],
    [[], /not usable/],
  ])('refuses %j at start', (content, message) => {
    expect(() => new FieldMappings(content)).toThrow(message);
  });
});
