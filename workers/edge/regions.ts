/**
 * Which node is next to a caller: the platform's location hints as places on the globe, and what it says of
 * where a request comes from (`request.cf`).
 * https://developers.cloudflare.com/durable-objects/reference/data-location/
 */

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** About the middle of where each hint's data centres are. */
const REGIONS = {
  afr: place(-26, 28),
  apac: place(22, 114),
  "apac-ne": place(36, 138),
  "apac-se": place(1, 104),
  eeur: place(50, 20),
  enam: place(40, -76),
  me: place(25, 55),
  oc: place(-34, 151),
  sam: place(-23, -47),
  weur: place(50, 5),
  wnam: place(38, -121),
} as const satisfies Readonly<Record<string, Place>>;

export type Region = keyof typeof REGIONS;

/** The hints, in the order of the alphabet. */
export const REGION_NAMES = Object.keys(REGIONS) as readonly Region[];

/** Where most callers of a continent are, as the platform's letters name it. */
const CONTINENTS: Readonly<Record<string, Place>> = {
  AF: place(0, 20),
  AN: place(-75, 0),
  AS: place(25, 105),
  EU: place(50, 10),
  NA: place(40, -95),
  OC: place(-30, 145),
  SA: place(-15, -58),
};

/** What is used of `request.cf`. */
export interface Whereabouts {
  /** Degrees, as texts. */
  readonly latitude?: unknown;
  readonly longitude?: unknown;
  readonly continent?: unknown;
}

export function isRegion(name: string): name is Region {
  return Object.hasOwn(REGIONS, name);
}

/** Where a request comes from; undefined: nobody knows (on a developer's machine, for one). */
export function placeOf(cf: Whereabouts | undefined): Place | undefined {
  const { latitude, longitude, continent } = cf ?? {};
  const place = { latitude: degrees(latitude), longitude: degrees(longitude) };
  const isPlace = Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
  if (isPlace) return place;
  const isKnown = typeof continent === "string" && Object.hasOwn(CONTINENTS, continent);
  return isKnown ? CONTINENTS[continent] : undefined;
}

/** The place of a region, by its name in any case. */
export function placeOfRegion(name: string): Place | undefined {
  const region = name.trim().toLowerCase();
  return isRegion(region) ? REGIONS[region] : undefined;
}

/** A node and the region it is in, if that is known. */
export interface Candidate {
  readonly node: string;
  readonly region: string | undefined;
}

/** The node next to a place; of several at one distance the first. Undefined: no node's region is known. */
export function nearest(from: Place, candidates: readonly Candidate[]): string | undefined {
  let best: string | undefined;
  let bestKm = Number.POSITIVE_INFINITY;
  for (const { node, region } of candidates) {
    if (region === undefined || !isRegion(region)) continue;
    const km = distanceKm(from, REGIONS[region]);
    if (km >= bestKm) continue;
    best = node;
    bestKm = km;
  }
  return best;
}

const EARTH_RADIUS_KM = 6371;

/** Along a great circle (the haversine formula). */
export function distanceKm(a: Place, b: Place): number {
  const [fromLatitude, toLatitude] = [radians(a.latitude), radians(b.latitude)];
  const high = Math.sin((toLatitude - fromLatitude) / 2) ** 2;
  const wide = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const chord = high + Math.cos(fromLatitude) * Math.cos(toLatitude) * wide;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

function place(latitude: number, longitude: number): Place {
  return { latitude, longitude };
}

function degrees(value: unknown): number {
  return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
}

function radians(value: number): number {
  return (value * Math.PI) / 180;
}
