/** How geo commands read points, units and distances, and how they answer them. */
import { Double, type Reply, ReplyError } from "../../resp/reply.ts";
import { isOnMap, type Point } from "../../types/geohash.ts";
import { refuse } from "../arguments.ts";
import type { Context } from "../context.ts";
import { isResp3, scoreOf } from "./zset-arguments.ts";

/** Meters of a unit. */
const UNITS: Readonly<Record<string, number>> = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 };

export function unitOf(text: string): number {
  const unit = text.toLowerCase();
  if (!Object.hasOwn(UNITS, unit)) refuse("unsupported unit provided. please use M, KM, FT, MI");
  return UNITS[unit]!;
}

export function pointOf(longitude: string, latitude: string): Point {
  const point = { longitude: scoreOf(longitude), latitude: scoreOf(latitude) };
  if (isOnMap(point)) return point;
  const pair = `${sixDecimals(point.longitude)},${sixDecimals(point.latitude)}`;
  throw new ReplyError(`ERR invalid longitude,latitude pair ${pair}`);
}

/** C's `%f`. */
function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Math.abs(value) < 1e21 ? signed(value, value.toFixed(6)) : `${BigInt(value)}.000000`;
}

function signed(value: number, text: string): string {
  return Object.is(value, -0) ? `-${text}` : text;
}

/** Four decimals are what is answered of a distance. */
export function distanceText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value.toFixed(4);
}

/** Longitude and latitude with 17 decimals; RESP3 has them as doubles. */
export function pointReply(cx: Context, { longitude, latitude }: Point): Reply {
  const texts = [humanText(longitude), humanText(latitude)];
  return isResp3(cx) ? texts.map((text) => new Double(Number(text))) : texts;
}

/** C's `%.17f` without zeros at its end (ld2string). */
function humanText(value: number): string {
  return value.toFixed(17).replace(/\.?0+$/, "");
}
