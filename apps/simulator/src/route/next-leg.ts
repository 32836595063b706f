import type { Random } from '../random.js';
import { type City, cities } from './cities.js';
import { distanceKm } from './great-circle.js';

export interface Leg {
  from: City;
  to: City;
  lengthKm: number;
}

const reachKm = { least: 120, most: 650 };

/** From a city to another within a day's drive, not back to where the truck came from unless there is no other. */
export function nextLeg(from: City, cameFrom: City | undefined, random: Random): Leg {
  const within = cities
    .map((to) => ({ from, to, lengthKm: distanceKm(from, to) }))
    .filter(({ lengthKm }) => lengthKm >= reachKm.least && lengthKm <= reachKm.most);
  const onward = within.filter(({ to }) => to !== cameFrom);
  const [first, ...rest] = onward.length > 0 ? onward : within;
  if (first === undefined) throw new Error(`${from.name} has no city within ${reachKm.most} km: add one to cities.ts`);
  return random.pick([first, ...rest]);
}
