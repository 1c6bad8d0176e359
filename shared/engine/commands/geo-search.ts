/** Searches for places around a point: GEOSEARCH, GEOSEARCHSTORE, and GEORADIUS and its kin from before Redis 6.2. */
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import {
  decodePoint,
  distanceWithin,
  type Point,
  type Shape,
  stretchesOf,
} from "../../types/geohash.ts";
import type { ZsetValue } from "../../types/zset.ts";
import { integer, refuse } from "../arguments.ts";
import { command, type Handler, keys, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import { distanceText, pointOf, pointReply, unitOf } from "./geo-arguments.ts";
import { scoreOf } from "./zset-arguments.ts";
import { store, zsetOf } from "./zset-store.ts";

const GEO = { categories: ["geo"] };
const ACCESS = keys("RO access");
const READ = ["readonly"] as const;
const WRITE = ["write", "denyoom", "movablekeys"] as const;
const SEARCH_STORE = [...keys("OW update"), ...keys("RO access", 2)];

export const GEO_SEARCH_COMMANDS = [
  command("georadius", -6, WRITE, stored(6), radius({ isByMember: false, mayStore: true }), GEO),
  command("georadius_ro", -6, READ, ACCESS, radius({ isByMember: false, mayStore: false }), GEO),
  command(
    "georadiusbymember",
    -5,
    WRITE,
    stored(5),
    radius({ isByMember: true, mayStore: true }),
    GEO,
  ),
  command(
    "georadiusbymember_ro",
    -5,
    READ,
    ACCESS,
    radius({ isByMember: true, mayStore: false }),
    GEO,
  ),
  command("geosearch", -7, READ, ACCESS, geosearch, GEO),
  command("geosearchstore", -8, ["write", "denyoom"], SEARCH_STORE, geosearchstore, GEO),
];

/** The key behind STORE or STOREDIST, somewhere from an argument on. */
function stored(from: number): KeySpec[] {
  return [...ACCESS, behind("STORE", from), behind("STOREDIST", from)];
}

function behind(keyword: string, from: number): KeySpec {
  const find = { last: 0, step: 1, limit: 0 };
  return { flags: ["OW", "update"], begin: { keyword, from }, find };
}

// -- what is asked for -------------------------------------------------------------------------------

type Area =
  | { readonly kind: "circle"; readonly radius: number; readonly unit: number }
  | {
      readonly kind: "box";
      readonly width: number;
      readonly height: number;
      readonly unit: number;
    };

/** What the arguments have said so far. */
interface Asked {
  /** Undefined also where the key is missing that has the member. */
  center?: Point;
  area?: Area;
  order?: "asc" | "desc";
  /** 0: all. */
  count: number;
  /** So many as are found first, not the nearest ones. */
  isAny: boolean;
  isWithDistance: boolean;
  isWithHash: boolean;
  isWithPoint: boolean;
  storeIn?: string;
  isStoringDistance: boolean;
}

function newAsked(): Asked {
  return {
    count: 0,
    isAny: false,
    isWithDistance: false,
    isWithHash: false,
    isWithPoint: false,
    isStoringDistance: false,
  };
}

/** Reads the option at a place; answers how many arguments it takes, 0: it is none. */
type ReadOption = (asked: Asked, args: readonly string[], at: number) => number;

/** The options that all of them have. */
function commonOption(asked: Asked, args: readonly string[], at: number): number {
  const option = args[at]!.toUpperCase();
  if (option === "WITHDIST") asked.isWithDistance = true;
  else if (option === "WITHHASH") asked.isWithHash = true;
  else if (option === "WITHCOORD") asked.isWithPoint = true;
  else if (option === "ANY") asked.isAny = true;
  else if (option === "ASC" || option === "DESC") asked.order = option === "ASC" ? "asc" : "desc";
  else if (option === "COUNT" && at + 1 < args.length) {
    asked.count = Number(integer(args[at + 1]!));
    if (asked.count <= 0) refuse("COUNT must be > 0");
    return 2;
  } else return 0;
  return 1;
}

function readOptions(
  args: readonly string[],
  from: number,
  { asked, own }: { readonly asked: Asked; readonly own: ReadOption },
): Asked {
  for (let at = from; at < args.length;) {
    at += commonOption(asked, args, at) || own(asked, args, at) || fail("syntax");
  }
  return asked;
}

function memberPoint(zset: ZsetValue, member: string): Point {
  const score = zset.score(member);
  return score === undefined
    ? refuse("could not decode requested zset member")
    : decodePoint(score);
}

function circle(radiusText: string, unit: string): Area {
  const size = scoreOf(radiusText, "need numeric radius");
  if (size < 0) refuse("radius cannot be negative");
  return { kind: "circle", radius: size, unit: unitOf(unit) };
}

function box(args: readonly string[], at: number): Area {
  const width = scoreOf(args[at]!, "need numeric width");
  const height = scoreOf(args[at + 1]!, "need numeric height");
  if (height < 0 || width < 0) refuse("height or width cannot be negative");
  return { kind: "box", width, height, unit: unitOf(args[at + 2]!) };
}

function checkTogether(asked: Asked, command: string): void {
  const { isWithDistance, isWithHash, isWithPoint } = asked;
  if (asked.storeIn !== undefined && (isWithDistance || isWithHash || isWithPoint)) {
    refuse(`${command} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
  }
}

function checkAny({ isAny, count }: Asked): void {
  if (isAny && count === 0) refuse("the ANY argument requires COUNT argument");
}

// -- GEORADIUS and its kin ---------------------------------------------------------------------------

function storeOption(asked: Asked, args: readonly string[], at: number): number {
  const option = args[at]!.toUpperCase();
  if ((option !== "STORE" && option !== "STOREDIST") || at + 1 === args.length) return 0;
  asked.storeIn = args[at + 1]!;
  asked.isStoringDistance = option === "STOREDIST";
  return 2;
}

function noOption(): number {
  return 0;
}

function radius(of: { readonly isByMember: boolean; readonly mayStore: boolean }): Handler {
  return (cx, args) => {
    const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
    const asked = newAsked();
    const from = of.isByMember ? 5 : 6;
    if (!of.isByMember) asked.center = pointOf(args[2]!, args[3]!);
    else if (zset !== undefined) asked.center = memberPoint(zset, args[2]!);
    // Without its key, the rest of GEORADIUSBYMEMBER is not looked at.
    const isSkipped = of.isByMember && zset === undefined;
    if (!isSkipped) asked.area = circle(args[from - 2]!, args[from - 1]!);
    readOptions(args, from, { asked, own: of.mayStore ? storeOption : noOption });
    checkTogether(asked, "STORE option in GEORADIUS");
    checkAny(asked);
    return answer(cx, zset, { asked, event: "georadiusstore" });
  };
}

// -- GEOSEARCH ---------------------------------------------------------------------------------------

function geosearch(cx: Context, args: readonly string[]): Reply {
  const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
  return search(cx, args, { zset, asked: newAsked(), from: 2 });
}

function geosearchstore(cx: Context, args: readonly string[]): Reply {
  const zset = cx.readAs<ZsetValue>(args[2]!, "zset");
  return search(cx, args, { zset, asked: { ...newAsked(), storeIn: args[1]! }, from: 3 });
}

interface Search {
  readonly zset: ZsetValue | undefined;
  readonly asked: Asked;
  readonly from: number;
}

function search(cx: Context, args: readonly string[], { zset, asked, from }: Search): Reply {
  const name = args[0]!;
  const centers = new Set<string>();
  readOptions(args, from, { asked, own: searchOptions(zset, centers) });
  checkTogether(asked, "GEOSEARCHSTORE");
  if (centers.size === 0) {
    refuse(`exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
  }
  if (asked.area === undefined) {
    refuse(`exactly one of BYRADIUS and BYBOX can be specified for ${name}`);
  }
  checkAny(asked);
  return answer(cx, zset, { asked, event: "geosearchstore" });
}

/** `centers`: which of FROMMEMBER and FROMLONLAT has been seen. */
function searchOptions(zset: ZsetValue | undefined, centers: Set<string>): ReadOption {
  return (asked, args, at) => {
    const option = args[at]!.toUpperCase();
    const left = args.length - 1 - at;
    if (option === "STOREDIST" && asked.storeIn !== undefined) {
      asked.isStoringDistance = true;
      return 1;
    }
    if (option === "FROMMEMBER" && left >= 1 && !centers.has("FROMLONLAT")) {
      if (zset !== undefined) asked.center = memberPoint(zset, args[at + 1]!);
      centers.add(option);
      return 2;
    }
    if (option === "FROMLONLAT" && left >= 2 && !centers.has("FROMMEMBER")) {
      asked.center = pointOf(args[at + 1]!, args[at + 2]!);
      centers.add(option);
      return 3;
    }
    if (option === "BYRADIUS" && left >= 2 && asked.area?.kind !== "box") {
      asked.area = circle(args[at + 1]!, args[at + 2]!);
      return 3;
    }
    if (option === "BYBOX" && left >= 3 && asked.area?.kind !== "circle") {
      asked.area = box(args, at + 1);
      return 4;
    }
    return 0;
  };
}

// -- finding and answering ---------------------------------------------------------------------------

interface Found {
  readonly member: string;
  readonly score: number;
  readonly point: Point;
  /** In meters. */
  readonly distance: number;
}

function answer(
  cx: Context,
  zset: ZsetValue | undefined,
  { asked, event }: { readonly asked: Asked; readonly event: string },
): Reply {
  const found = zset === undefined ? [] : find(zset, asked);
  const unit = asked.area?.unit ?? 1;
  if (asked.storeIn === undefined) return found.map((place) => placeReply(cx, place, asked));
  const scores = new Map<string, number>();
  for (const { member, score, distance } of found) {
    scores.set(member, asked.isStoringDistance ? distance / unit : score);
  }
  return store(cx, asked.storeIn, { result: zsetOf(scores, cx.engine.limits), event });
}

function find(zset: ZsetValue, { area, center, count, isAny, order }: Asked): Found[] {
  const shape = shapeOf(area!, center!);
  const found = walk(zset, shape, isAny ? count : Number.POSITIVE_INFINITY);
  if (order === "desc") found.sort((a, b) => b.distance - a.distance);
  else if (order === "asc" || (count > 0 && !isAny)) found.sort((a, b) => a.distance - b.distance);
  return count > 0 ? found.slice(0, count) : found;
}

function shapeOf(area: Area, center: Point): Shape {
  const { unit } = area;
  if (area.kind === "circle") return { kind: "circle", center, radius: area.radius * unit };
  return { kind: "box", center, width: area.width * unit, height: area.height * unit };
}

/** Elements looked at in one go. */
const CHUNK = 256;

function walk(zset: ZsetValue, shape: Shape, countMax: number): Found[] {
  const found: Found[] = [];
  for (const { min, max } of stretchesOf(shape)) {
    const end = zset.countBelow(max, { orEqual: false });
    let from = zset.countBelow(min, { orEqual: false });
    for (; from < end && found.length < countMax; from += CHUNK) {
      const { members, scores } = zset.slice(from, Math.min(CHUNK, end - from));
      for (let i = 0; i < members.length && found.length < countMax; i++) {
        const point = decodePoint(scores[i]!);
        const distance = distanceWithin(shape, point);
        if (distance === undefined) continue;
        found.push({ member: members[i]!, score: scores[i]!, point, distance });
      }
    }
  }
  return found;
}

function placeReply(cx: Context, { member, score, point, distance }: Found, asked: Asked): Reply {
  const { isWithDistance, isWithHash, isWithPoint } = asked;
  if (!isWithDistance && !isWithHash && !isWithPoint) return member;
  const items: Reply[] = [member];
  if (isWithDistance) items.push(distanceText(distance / asked.area!.unit));
  if (isWithHash) items.push(Math.trunc(score));
  if (isWithPoint) items.push(pointReply(cx, point));
  return items;
}
