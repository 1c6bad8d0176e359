/** What a request over HTTP says of who sent it: where it is, what it has seen, how fresh it wants to read. */
import { type Contract, parseContract, parseSeen } from "../../shared/replication/freshness.ts";
import type { EdgeContext } from "./auth.ts";
import { type Place, placeOf, placeOfRegion, type Whereabouts } from "./regions.ts";
import { BadRequest } from "./rest-input.ts";
import type { Reading } from "./route.ts";

export function readingOf(c: EdgeContext): Reading {
  return {
    contract: contractOf(c),
    seen: parseSeen(c.req.header("upstash-sync-token") ?? ""),
    place: () => callerPlace(c),
  };
}

/** How fresh it must be: the header; undefined: as fresh as its token says by default. */
function contractOf(c: EdgeContext): Contract | undefined {
  const text = c.req.header("x-antipode-read");
  if (text === undefined) return undefined;
  const contract = parseContract(text);
  if (contract === undefined) {
    throw new BadRequest("ERR x-antipode-read must be strong, token, any or max-lag=MILLISECONDS");
  }
  return contract;
}

/** On a developer's machine, and nowhere else, the caller may say where it is. */
export function callerPlace(c: EdgeContext): Place | undefined {
  const said = c.env.LOOPBACK === "1" ? c.req.header("x-antipode-region") : undefined;
  if (said === undefined) return placeOf(c.req.raw.cf as Whereabouts | undefined);
  const place = placeOfRegion(said);
  if (place === undefined) throw new BadRequest("ERR x-antipode-region names no region");
  return place;
}
