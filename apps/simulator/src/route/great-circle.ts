/** Degrees, WGS 84, taken as a sphere of the mean radius: off by at most 0.5 %. */
export interface Point {
  latitude: number;
  longitude: number;
}

const earthRadiusKm = 6_371.0088;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** Haversine formula: exact also for short distances. */
export function distanceKm(from: Point, to: Point): number {
  const halfLatitude = Math.sin(radians(to.latitude - from.latitude) / 2);
  const halfLongitude = Math.sin(radians(to.longitude - from.longitude) / 2);
  const a = halfLatitude ** 2 + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * halfLongitude ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** Direction of travel at `from` along the great circle to `to`, in [0, 360), 0 = north. */
export function bearingDeg(from: Point, to: Point): number {
  const [lat1, lat2] = [radians(from.latitude), radians(to.latitude)];
  const turn = radians(to.longitude - from.longitude);
  const y = Math.sin(turn) * Math.cos(lat2);
  const x = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(turn);
  return (degrees(Math.atan2(y, x)) + 360) % 360;
}

/** The point after a distance in a direction; longitude in [-180, 180). */
export function destination(from: Point, bearing: number, km: number): Point {
  const angle = km / earthRadiusKm;
  const [lat, direction] = [radians(from.latitude), radians(bearing)];
  const sinLatitude = Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(direction);
  const turn = Math.atan2(Math.sin(direction) * Math.sin(angle) * Math.cos(lat), Math.cos(angle) - Math.sin(lat) * sinLatitude);
  const longitude = from.longitude + degrees(turn);
  return {
    latitude: degrees(Math.asin(Math.max(-1, Math.min(1, sinLatitude)))),
    longitude: ((((longitude + 180) % 360) + 360) % 360) - 180,
  };
}
