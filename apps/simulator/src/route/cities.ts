import type { Point } from './great-circle.js';

export interface City extends Point {
  name: string;
  altitudeM: number;
}

const city = (name: string, latitude: number, longitude: number, altitudeM: number): City => ({ name, latitude, longitude, altitudeM });

/** Freight hubs. Each has another within a day's drive, so that every route goes on. */
export const cities: readonly [City, ...City[]] = [
  city('Hamburg', 53.5511, 9.9937, 6),
  city('Berlin', 52.52, 13.405, 34),
  city('München', 48.1351, 11.582, 519),
  city('Frankfurt am Main', 50.1109, 8.6821, 112),
  city('Köln', 50.9375, 6.9603, 53),
  city('Leipzig', 51.3397, 12.3731, 112),
  city('Rotterdam', 51.9244, 4.4777, 0),
  city('Antwerpen', 51.2194, 4.4025, 8),
  city('Bruxelles', 50.8503, 4.3517, 28),
  city('Paris', 48.8566, 2.3522, 35),
  city('Lyon', 45.764, 4.8357, 173),
  city('Bordeaux', 44.8378, -0.5792, 9),
  city('Marseille', 43.2965, 5.3698, 12),
  city('Barcelona', 41.3874, 2.1686, 12),
  city('Zaragoza', 41.6488, -0.8891, 208),
  city('Madrid', 40.4168, -3.7038, 657),
  city('Valencia', 39.4699, -0.3763, 15),
  city('Genève', 46.2044, 6.1432, 375),
  city('Zürich', 47.3769, 8.5417, 408),
  city('Milano', 45.4642, 9.19, 120),
  city('Bologna', 44.4949, 11.3426, 54),
  city('Wien', 48.2082, 16.3738, 171),
  city('Praha', 50.0755, 14.4378, 200),
  city('Budapest', 47.4979, 19.0402, 102),
  city('Wrocław', 51.1079, 17.0385, 120),
  city('Poznań', 52.4064, 16.9252, 60),
  city('Warszawa', 52.2297, 21.0122, 100),
  city('København', 55.6761, 12.5683, 14),
  city('Göteborg', 57.7089, 11.9746, 12),
  city('Stockholm', 59.3293, 18.0686, 28),
  city('Chicago', 41.8781, -87.6298, 181),
  city('Detroit', 42.3314, -83.0458, 183),
  city('Indianapolis', 39.7684, -86.1581, 218),
  city('Columbus', 39.9612, -82.9988, 275),
  city('Toronto', 43.6532, -79.3832, 76),
  city('Pittsburgh', 40.4406, -79.9959, 230),
  city('Nashville', 36.1627, -86.7816, 169),
  city('Atlanta', 33.749, -84.388, 320),
  city('Memphis', 35.1495, -90.049, 103),
  city('St. Louis', 38.627, -90.1994, 142),
  city('Kansas City', 39.0997, -94.5786, 277),
  city('Dallas', 32.7767, -96.797, 131),
  city('Houston', 29.7604, -95.3698, 15),
  city('Oklahoma City', 35.4676, -97.5164, 366),
];
