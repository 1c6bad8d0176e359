/** Places on earth, kept in sorted sets (https://redis.io/docs/latest/commands/?group=geo). */
import { fail } from "../../resp/errors.ts";
import { NIL_ARRAY, type Reply } from "../../resp/reply.ts";
import { distance } from "../../types/geo-distance.ts";
import { decodePoint, encodePoint, geohashText } from "../../types/geohash.ts";
import type { ZsetValue } from "../../types/zset.ts";
import { type Command, command, keys } from "../command.ts";
import type { Context } from "../context.ts";
import { distanceText, pointOf, pointReply, unitOf } from "./geo-arguments.ts";
import { GEO_SEARCH_COMMANDS } from "./geo-search.ts";
import { add } from "./zset.ts";

const GEO = { categories: ["geo"] };
const ACCESS = keys("RO access");

export const GEO_COMMANDS: readonly Command[] = [
  command("geoadd", -5, ["write", "denyoom"], keys("RW update"), geoadd, GEO),
  command("geodist", -4, ["readonly"], ACCESS, geodist, GEO),
  command("geohash", -2, ["readonly"], ACCESS, geohash, GEO),
  command("geopos", -2, ["readonly"], ACCESS, geopos, GEO),
  ...GEO_SEARCH_COMMANDS,
];

const OPTIONS: ReadonlySet<string> = new Set(["NX", "XX", "CH"]);

/** A replica gets the ZADD that it is. */
function geoadd(cx: Context, args: readonly string[]): Reply {
  const options = new Set<string>();
  let at = 2;
  for (; at < args.length && OPTIONS.has(args[at]!.toUpperCase()); at++) {
    options.add(args[at]!.toUpperCase());
  }
  if ((args.length - at) % 3 !== 0 || (options.has("NX") && options.has("XX"))) fail("syntax");
  const zadd = ["zadd", ...args.slice(1, at)];
  for (let i = at; i < args.length; i += 3) {
    zadd.push(String(encodePoint(pointOf(args[i]!, args[i + 1]!))), args[i + 2]!);
  }
  if (zadd.length === at) fail("syntax");

  const { dirty } = cx;
  const reply = add(cx, zadd, { options, from: at });
  if (cx.dirty > dirty) cx.effectOf(zadd);
  return reply;
}

function geodist(cx: Context, args: readonly string[]): Reply {
  const [, name, from, to, unit] = args as [string, string, string, string, string?];
  if (args.length > 5) fail("syntax");
  const meters = unit === undefined ? 1 : unitOf(unit);
  const zset = cx.readAs<ZsetValue>(name, "zset");
  const [start, end] = [zset?.score(from), zset?.score(to)];
  if (start === undefined || end === undefined) return null;
  return distanceText(distance(decodePoint(start), decodePoint(end)) / meters);
}

function geohash(cx: Context, args: readonly string[]): Reply {
  const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
  return args.slice(2).map((member) => {
    const score = zset?.score(member);
    return score === undefined ? null : geohashText(score);
  });
}

function geopos(cx: Context, args: readonly string[]): Reply {
  const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
  return args.slice(2).map((member) => {
    const score = zset?.score(member);
    return score === undefined ? NIL_ARRAY : pointReply(cx, decodePoint(score));
  });
}
