import type { Random } from '../random.js';
import { cities } from '../route/cities.js';
import { bearingDeg, destination, distanceKm, type Point } from '../route/great-circle.js';
import { type Leg, nextLeg } from '../route/next-leg.js';

/** A 40 t truck on long haul. Rest times: Regulation (EC) 561/2006, article 7. */
export const truckFacts = {
  cruiseKph: { least: 78, most: 88 },
  cityKph: 48,
  cityRadiusKm: 6,
  accelerationMps2: 0.35,
  brakingMps2: 0.8,
  drivingLimitS: 4.5 * 3_600,
  restS: 45 * 60,
  unloadingS: { least: 10 * 60, most: 35 * 60 },
  tankLitres: 800,
  litresPer100Km: 29,
  idleLitresPerHour: 2.2,
  refuelBelowPct: 20,
};

export type Activity = { kind: 'driving' } | { kind: 'standing'; why: 'unloading' | 'rest'; secondsLeft: number };

export interface TruckState extends Point {
  altitudeM: number;
  speedKph: number;
  headingDeg: number;
  odometerKm: number;
  fuelLevelPct: number;
  engineHours: number;
  ignition: boolean;
  destination: string;
}

const stepS = 1;

/** Where a truck is after so many seconds. It knows no clock and no network; the same chance gives the same journey. */
export class Truck {
  readonly #random: Random;
  readonly #cruiseKph: number;
  #leg: Leg;
  #position: Point;
  #headingDeg: number;
  #speedKph = 0;
  #odometerKm: number;
  #fuelLitres: number;
  #engineHours: number;
  #drivenS: number;
  #activity: Activity = { kind: 'driving' };

  /** Somewhere on its way: a fleet does not start at one gate at one time. */
  constructor(random: Random) {
    this.#random = random;
    this.#cruiseKph = random.between(truckFacts.cruiseKph.least, truckFacts.cruiseKph.most);
    this.#leg = nextLeg(random.pick(cities), undefined, random);
    this.#headingDeg = bearingDeg(this.#leg.from, this.#leg.to);
    this.#position = destination(this.#leg.from, this.#headingDeg, this.#leg.lengthKm * random.between(0, 0.9));
    this.#headingDeg = bearingDeg(this.#position, this.#leg.to);
    this.#odometerKm = random.between(20_000, 900_000);
    this.#engineHours = this.#odometerKm / 62;
    this.#fuelLitres = truckFacts.tankLitres * random.between(0.3, 1);
    this.#drivenS = random.between(0, truckFacts.drivingLimitS * 0.95);
    this.#speedKph = this.#targetKph();
  }

  get activity(): Activity {
    return this.#activity;
  }

  get state(): TruckState {
    return {
      ...this.#position,
      altitudeM: this.#altitudeM(),
      speedKph: this.#speedKph,
      headingDeg: this.#headingDeg,
      odometerKm: this.#odometerKm,
      fuelLevelPct: (100 * this.#fuelLitres) / truckFacts.tankLitres,
      engineHours: this.#engineHours,
      ignition: this.#activity.kind === 'driving',
      destination: this.#leg.to.name,
    };
  }

  advance(seconds: number): void {
    for (let left = seconds; left > 1e-9; left -= stepS) this.#step(Math.min(stepS, left));
  }

  #step(seconds: number): void {
    if (this.#activity.kind === 'standing') this.#stand(this.#activity, seconds);
    else this.#drive(seconds);
  }

  #drive(seconds: number): void {
    const target = this.#targetKph();
    const limit = (target > this.#speedKph ? truckFacts.accelerationMps2 : -truckFacts.brakingMps2) * 3.6 * seconds;
    const wanted = target - this.#speedKph;
    this.#speedKph = Math.max(0, this.#speedKph + (Math.abs(wanted) < Math.abs(limit) ? wanted : limit));

    const km = Math.min((this.#speedKph * seconds) / 3_600, this.#toGoKm());
    this.#position = destination(this.#position, this.#headingDeg, km);
    this.#odometerKm += km;
    this.#engineHours += seconds / 3_600;
    this.#drivenS += seconds;
    this.#burn((truckFacts.litresPer100Km * km) / 100 + (truckFacts.idleLitresPerHour * seconds) / 3_600);
    if (this.#toGoKm() < 0.02) this.#arrive();
    else if (this.#drivenS >= truckFacts.drivingLimitS && this.#speedKph === 0) this.#pause('rest', truckFacts.restS);
    else this.#headingDeg = bearingDeg(this.#position, this.#leg.to);
  }

  #stand(activity: Extract<Activity, { kind: 'standing' }>, seconds: number): void {
    const secondsLeft = activity.secondsLeft - seconds;
    this.#activity = secondsLeft > 0 ? { ...activity, secondsLeft } : { kind: 'driving' };
  }

  #arrive(): void {
    this.#leg = nextLeg(this.#leg.to, this.#leg.from, this.#random);
    this.#position = { latitude: this.#leg.from.latitude, longitude: this.#leg.from.longitude };
    this.#headingDeg = bearingDeg(this.#leg.from, this.#leg.to);
    if (this.state.fuelLevelPct < 60) this.#fuelLitres = truckFacts.tankLitres;
    this.#pause('unloading', this.#random.between(truckFacts.unloadingS.least, truckFacts.unloadingS.most));
  }

  #pause(why: 'unloading' | 'rest', secondsLeft: number): void {
    this.#activity = { kind: 'standing', why, secondsLeft };
    this.#speedKph = 0;
    this.#drivenS = 0;
    if (this.state.fuelLevelPct < truckFacts.refuelBelowPct) this.#fuelLitres = truckFacts.tankLitres;
  }

  #burn(litres: number): void {
    // Called out on the road before it runs dry: no truck of ours stands with an empty tank.
    this.#fuelLitres = this.#fuelLitres - litres < 0.05 * truckFacts.tankLitres ? truckFacts.tankLitres : this.#fuelLitres - litres;
  }

  /** Cruise, slower in towns, and never faster than it can brake before the end of the leg; 0 when it is time to rest. */
  #targetKph(): number {
    if (this.#drivenS >= truckFacts.drivingLimitS) return 0;
    const toGoKm = this.#toGoKm();
    const inTown = Math.min(toGoKm, distanceKm(this.#leg.from, this.#position)) < truckFacts.cityRadiusKm;
    const free = inTown ? truckFacts.cityKph : this.#cruiseKph + 2 * Math.sin(this.#odometerKm / 3);
    const stoppableKph = 3.6 * Math.sqrt(2 * truckFacts.brakingMps2 * 0.8 * toGoKm * 1_000);
    return Math.max(5, Math.min(free, stoppableKph));
  }

  #toGoKm(): number {
    return distanceKm(this.#position, this.#leg.to);
  }

  #altitudeM(): number {
    const { from, to, lengthKm } = this.#leg;
    const share = Math.min(1, distanceKm(from, this.#position) / lengthKm);
    const hills = 60 * Math.sin(this.#odometerKm / 17) * Math.sin(Math.PI * share);
    return Math.max(-5, from.altitudeM + (to.altitudeM - from.altitudeM) * share + hills);
  }
}
