/**
 * Places on earth as scores of sorted sets: longitude and latitude, 26 bits each, their bits in turn.
 * (reference: redis/src/geohash.c, geohash_helper.c; every digit is as there)
 */
import { distance, distanceNorth, isFarther } from "./geo-distance.ts";

/** Degrees. */
export interface Point {
  readonly longitude: number;
  readonly latitude: number;
}

/** What a search has to find: all within a circle, or a rectangle, around a point. In meters. */
export type Shape = { readonly center: Point } & (
  | { readonly kind: "circle"; readonly radius: number }
  | { readonly kind: "box"; readonly width: number; readonly height: number }
);

const LONGITUDE_MAX = 180;
/** Of the web's map of the world, which is square. */
const LATITUDE_MAX = 85.05112878;

const STEP_MAX = 26;

/** A field of the grid that divides the world into 2^step columns and as many rows. */
interface Cell {
  readonly column: number;
  readonly row: number;
  readonly step: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

const LONGITUDES: Range = { min: -LONGITUDE_MAX, max: LONGITUDE_MAX };
const LATITUDES: Range = { min: -LATITUDE_MAX, max: LATITUDE_MAX };

export function isOnMap({ longitude, latitude }: Point): boolean {
  return Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX;
}

/** The score of a point, an integer of 52 bits; at the eastern and northern edge of the map, of two more. */
export function encodePoint(point: Point): number | bigint {
  const [high, low] = interleave(cellOf(point, STEP_MAX));
  const score = high * HALF + low;
  return Number.isSafeInteger(score) ? score : BigInt(high) * BigInt(HALF) + BigInt(low);
}

/** The middle of the field that a score stands for. Any score stands for one, as in C. */
export function decodePoint(score: number): Point {
  const area = areaOf(deinterleave(score));
  return {
    longitude: middle(area.longitude, LONGITUDE_MAX),
    latitude: middle(area.latitude, LATITUDE_MAX),
  };
}

function middle({ min, max }: Range, limit: number): number {
  return Math.max(-limit, Math.min(limit, (min + max) / 2));
}

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The eleven letters known as geohash (https://en.wikipedia.org/wiki/Geohash); the last is always 0. */
export function geohashText(score: number): string {
  const cell = cellOf(decodePoint(score), STEP_MAX, { min: -90, max: 90 });
  const [high, low] = interleave(cell);
  let bits = Math.floor((high * HALF + low) / 4);
  let text = "0";
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[bits % 32]! + text;
    bits = Math.floor(bits / 32);
  }
  return text;
}

// -- cells -------------------------------------------------------------------------------------------

function cellOf({ longitude, latitude }: Point, step: number, latitudes = LATITUDES): Cell {
  return {
    column: Math.floor(offsetIn(LONGITUDES, longitude) * 2 ** step),
    row: Math.floor(offsetIn(latitudes, latitude) * 2 ** step),
    step,
  };
}

function offsetIn({ min, max }: Range, value: number): number {
  return (value - min) / (max - min);
}

function areaOf({ column, row, step }: Cell): { longitude: Range; latitude: Range } {
  return { longitude: stripe(LONGITUDES, column, step), latitude: stripe(LATITUDES, row, step) };
}

function stripe({ min, max }: Range, index: number, step: number): Range {
  const scale = max - min;
  const size = 2 ** step;
  // 32 bits, as in C.
  const next = (index + 1) >>> 0;
  return { min: min + (index / size) * scale, max: min + (next / size) * scale };
}

const HALF = 2 ** 26;

/** The bits of row and column in turn, the row's lowest first: those above 26, and the lower 26. */
function interleave({ column, row }: Cell): [high: number, low: number] {
  const low = spread(row & 0x1fff) + spread(column & 0x1fff) * 2;
  const high = spread(row >>> 13) + spread(column >>> 13) * 2;
  return [high, low];
}

/** Puts a 0 above each of 16 bits. */
function spread(bits: number): number {
  let spaced = (bits | (bits << 8)) & 0x00ff00ff;
  spaced = (spaced | (spaced << 4)) & 0x0f0f0f0f;
  spaced = (spaced | (spaced << 2)) & 0x33333333;
  return (spaced | (spaced << 1)) & 0x55555555;
}

function deinterleave(score: number): Cell {
  const [high, low] = words(score);
  return {
    row: ((gather(high) << 16) | gather(low)) >>> 0,
    column: ((gather(high >>> 1) << 16) | gather(low >>> 1)) >>> 0,
    step: STEP_MAX,
  };
}

/** Every other bit of 32. */
function gather(bits: number): number {
  let packed = bits & 0x55555555;
  packed = (packed | (packed >>> 1)) & 0x33333333;
  packed = (packed | (packed >>> 2)) & 0x0f0f0f0f;
  packed = (packed | (packed >>> 4)) & 0x00ff00ff;
  return (packed | (packed >>> 8)) & 0xffff;
}

/** The 64 bits that C makes of a double, on the processors Redis runs on. */
function words(score: number): [high: number, low: number] {
  if (score >= 0 && score <= Number.MAX_SAFE_INTEGER) {
    const integer = Math.floor(score);
    return [Math.floor(integer / 2 ** 32), integer >>> 0];
  }
  if (score >= 2 ** 64) return [0, 0];
  if (score < -(2 ** 63)) return [0x80000000, 0];
  const bits = BigInt.asUintN(64, BigInt(Math.trunc(score)));
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)];
}

// -- searching ---------------------------------------------------------------------------------------

/** Scores from `min` on and below `max`. */
interface ScoreStretch {
  readonly min: number;
  readonly max: number;
}

/** Where all points of a shape, and some others, have their scores: in Redis's order. */
export function stretchesOf(shape: Shape): ScoreStretch[] {
  const bounds = boundsOf(shape);
  let step = stepFor(shape);
  let around = neighborhood(shape.center, step);
  if (step > 1 && !covers(around, bounds)) around = neighborhood(shape.center, --step);
  const cells = step >= 2 ? withoutUseless(around, bounds) : around;

  const stretches: ScoreStretch[] = [];
  let before: Cell | undefined;
  for (const [i, cell] of cells.entries()) {
    // Around a large field the neighbors are the same. (That the first is not compared is Redis's way.)
    if (cell === undefined || (before !== undefined && isSame(cell, before))) continue;
    stretches.push(stretchOf(cell));
    if (i > 0) before = cell;
  }
  return stretches;
}

function isSame(a: Cell, b: Cell): boolean {
  return a.column === b.column && a.row === b.row;
}

function stretchOf(cell: Cell): ScoreStretch {
  const [high, low] = interleave(cell);
  const bits = high * HALF + low;
  const size = 2 ** (2 * (STEP_MAX - cell.step));
  return { min: bits * size, max: (bits + 1) * size };
}

/** A field, and then those in the north, south, east, west, north-east, -west, south-east and -west. */
type Neighborhood = readonly (Cell | undefined)[];
const [NORTH, SOUTH, EAST, WEST, NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST] = [
  1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const DIRECTIONS = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

/** The world is round in every direction here. */
function neighborhood(center: Point, step: number): Cell[] {
  const { column, row } = cellOf(center, step);
  const size = 2 ** step;
  const wrap = (index: number): number => (index + size) % size;
  return DIRECTIONS.map(([east, north]) => {
    // Its own field is not wrapped: beyond the edge of the map there is one more.
    if (east === 0 && north === 0) return { column, row, step };
    return {
      column: east === 0 ? column : wrap(column + east),
      row: north === 0 ? row : wrap(row + north),
      step,
    };
  });
}

interface Bounds {
  readonly longitude: Range;
  readonly latitude: Range;
}

const DEGREE = Math.PI / 180;
const EARTH_RADIUS = 6372797.560856;

/** Parallels are shorter the farther they are from the equator, so that side counts. */
function boundsOf(shape: Shape): Bounds {
  const { longitude, latitude } = shape.center;
  const height = shape.kind === "circle" ? shape.radius : shape.height / 2;
  const width = shape.kind === "circle" ? shape.radius : shape.width / 2;
  const latitudeDelta = height / EARTH_RADIUS / DEGREE;
  const outer = latitude < 0 ? latitude - latitudeDelta : latitude + latitudeDelta;
  const longitudeDelta = width / EARTH_RADIUS / Math.cos(outer * DEGREE) / DEGREE;
  return {
    longitude: { min: longitude - longitudeDelta, max: longitude + longitudeDelta },
    latitude: { min: latitude - latitudeDelta, max: latitude + latitudeDelta },
  };
}

const MERCATOR_MAX = 20037726.37;

/** How finely the world is divided so that nine fields are enough, nearly always. */
function stepFor(shape: Shape): number {
  let range =
    shape.kind === "circle"
      ? shape.radius
      : Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2);
  if (range === 0) return STEP_MAX;
  let step = -1;
  for (; range < MERCATOR_MAX; range *= 2) step++;
  const { latitude } = shape.center;
  if (Math.abs(latitude) > 66) step--;
  if (Math.abs(latitude) > 80) step--;
  return Math.max(1, Math.min(STEP_MAX, step));
}

function covers(around: readonly Cell[], { longitude, latitude }: Bounds): boolean {
  return !(
    areaOf(around[NORTH]!).latitude.max < latitude.max ||
    areaOf(around[SOUTH]!).latitude.min > latitude.min ||
    areaOf(around[EAST]!).longitude.max < longitude.max ||
    areaOf(around[WEST]!).longitude.min > longitude.min
  );
}

/** Where the middle field reaches beyond the bounds, there is nothing to find behind it. */
function withoutUseless(around: readonly Cell[], { longitude, latitude }: Bounds): Neighborhood {
  const area = areaOf(around[0]!);
  const useless = new Set<number>();
  const drop = (...places: readonly number[]): void => places.forEach((at) => useless.add(at));
  if (area.latitude.min < latitude.min) drop(SOUTH, SOUTH_WEST, SOUTH_EAST);
  if (area.latitude.max > latitude.max) drop(NORTH, NORTH_EAST, NORTH_WEST);
  if (area.longitude.min < longitude.min) drop(WEST, SOUTH_WEST, NORTH_WEST);
  if (area.longitude.max > longitude.max) drop(EAST, SOUTH_EAST, NORTH_EAST);
  return around.map((cell, at) => (useless.has(at) ? undefined : cell));
}

/** Meters from the middle of a shape to a point; undefined when it is outside. */
export function distanceWithin(shape: Shape, point: Point): number | undefined {
  const { center } = shape;
  if (shape.kind === "circle") {
    if (isFarther(center, point, shape.radius)) return undefined;
    const meters = distance(center, point);
    return meters > shape.radius ? undefined : meters;
  }
  if (distanceNorth(point.latitude, center.latitude) > shape.height / 2) return undefined;
  const beside = { ...point, longitude: center.longitude };
  if (isFarther(point, beside, shape.width / 2)) return undefined;
  return distance(point, beside) > shape.width / 2 ? undefined : distance(center, point);
}
