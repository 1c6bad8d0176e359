/** Meters between two points on a sphere, by the haversine formula, to the last digit as Redis has them. */
import { arcsine, cosine, sine } from "../base/trigonometry.ts";
import type { Point } from "./geohash.ts";

const DEGREE = Math.PI / 180;
const EARTH_RADIUS = 6372797.560856;

export function distance(from: Point, to: Point): number {
  const v = sine((to.longitude * DEGREE - from.longitude * DEGREE) / 2);
  if (v === 0) return distanceNorth(from.latitude, to.latitude);
  const latitudeFrom = from.latitude * DEGREE;
  const latitudeTo = to.latitude * DEGREE;
  const u = sine((latitudeTo - latitudeFrom) / 2);
  const a = u * u + cosine(latitudeFrom) * cosine(latitudeTo) * v * v;
  return 2 * EARTH_RADIUS * arcsine(Math.sqrt(a));
}

/** Along a meridian. */
export function distanceNorth(from: number, to: number): number {
  return EARTH_RADIUS * Math.abs(to * DEGREE - from * DEGREE);
}

/** Errors of Math's functions grow towards the other side of the earth; never to this. */
const ROUGH_ERROR = 1e-6;

/** Whether two points are surely farther apart. Costs a tenth of what the distance does. */
export function isFarther(from: Point, to: Point, meters: number): boolean {
  const v = Math.sin(((to.longitude - from.longitude) * DEGREE) / 2);
  const u = Math.sin(((to.latitude - from.latitude) * DEGREE) / 2);
  const cosines = Math.cos(from.latitude * DEGREE) * Math.cos(to.latitude * DEGREE);
  const rough = 2 * EARTH_RADIUS * Math.asin(Math.sqrt(Math.min(u * u + cosines * v * v, 1)));
  return rough > meters * (1 + ROUGH_ERROR) + ROUGH_ERROR;
}
