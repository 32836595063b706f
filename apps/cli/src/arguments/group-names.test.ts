import type { VehicleGroup } from '@milepost/contracts';
import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../reaching/api-client.js';
import { groupIds } from './group-names.js';

const [vans, trucks] = ['019aab00-0000-7000-8000-00000000000a', '019aab00-0000-7000-8000-00000000000b'];
const groups = [
  { id: vans, name: 'vans' },
  { id: trucks, name: 'trucks' },
] as VehicleGroup[];

const reading = { all: async () => groups } as Pick<ApiClient, 'all'>;
const writingAlone: Pick<ApiClient, 'all'> = { all: () => Promise.reject(new Error('The key lacks the scope read')) };

describe('groupIds', () => {
  it('finds names, and takes ids beside them in either case', async () => {
    expect(await groupIds(reading, ['trucks', vans.toUpperCase()])).toEqual([trucks, vans]);
    await expect(groupIds(reading, ['vans', 'nope'])).rejects.toThrow('There is no group "nope" in the key’s organisation');
  });

  it('asks nothing where ids alone are given, or none: the key may be one that cannot read', async () => {
    expect(await groupIds(writingAlone, [trucks, vans])).toEqual([trucks, vans]);
    expect(await groupIds(writingAlone, [])).toEqual([]);
    await expect(groupIds(writingAlone, ['vans'])).rejects.toThrow('lacks the scope');
  });
});
