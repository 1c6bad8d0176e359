/**
 * Where a call goes: reads to the node next to the caller, if that can answer them as fresh as they must be
 * (docs/reads.md), and everything else to the master.
 */
import { type Contract, parseContract, parseSeen } from "../../shared/replication/freshness.ts";
import type { Position } from "../../shared/replication/position.ts";
import { type Env, MASTER, nodeNames, nodeStub, regionOf } from "../env.ts";
import type { CallAnswer, CallOptions, Requests, Route } from "../node/requests.ts";
import type { EdgeContext } from "./auth.ts";
import { callNode, NodeUnavailable } from "./call.ts";
import { nearest, type Place, placeOf, placeOfRegion, type Whereabouts } from "./regions.ts";
import { BadRequest } from "./rest-input.ts";

export interface Call {
  readonly requests: Requests;
  readonly options: CallOptions;
  /** All of it only reads, and waits for nothing. */
  readonly isRead: boolean;
  readonly isRepeatable: boolean;
  /** The node that was asked for by name. */
  readonly pinned: string | undefined;
}

export interface Routed {
  readonly answer: CallAnswer;
  readonly node: string;
  /** Why the master had to answer a read; undefined: it did not have to. */
  readonly forwardedFor: string | undefined;
}

/** A master is where the last one said it is; with more hops they lead around in a circle. */
const HOPS_MAX = 4;

export async function routeCall(c: EdgeContext, call: Call): Promise<Routed> {
  const read = { contract: contractOf(c), seen: seenOf(c) };
  const place = callerPlace(c);
  if (call.pinned !== undefined && !call.isRead) {
    const answer = await ask(c.env, call.pinned, call, undefined);
    return { answer, node: call.pinned, forwardedFor: undefined };
  }
  const near = call.pinned ?? (call.isRead ? nearNode(c.env, place, read.contract) : MASTER);
  let forwardedFor: string | undefined;
  if (call.pinned !== undefined || near !== MASTER) {
    const to = call.pinned === undefined ? "near" : "here";
    const answer = await askNear(c.env, near, call, { to, read });
    forwardedFor = typeof answer === "string" ? answer : answer.forward?.why;
    if (typeof answer !== "string" && forwardedFor === undefined) {
      return { answer, node: near, forwardedFor };
    }
  }
  const route: Route = { to: "master", read: call.isRead ? read : undefined };
  return { ...(await askMaster(c.env, call, route)), forwardedFor };
}

/** The answer of the node next door, or why there is none. */
async function askNear(
  env: Env,
  node: string,
  call: Call,
  route: Route,
): Promise<CallAnswer | string> {
  if (call.pinned === undefined && (emptyUntilMs.get(node) ?? 0) > Date.now()) return "no-data";
  try {
    const answer = await ask(env, node, call, route);
    // CONFIG SET requirepass may have changed it elsewhere: the master's word counts.
    const { admission } = answer;
    if (admission === "denied" || admission === "wrong-password") return "not-admitted";
    if (answer.forward?.why === "no-data") emptyUntilMs.set(node, Date.now() + EMPTY_MS);
    return answer;
  } catch (error) {
    // A replica that cannot be reached is no reason to fail: the master has everything.
    if (error instanceof NodeUnavailable) return "unavailable";
    throw error;
  }
}

/** A replica that had no data is not asked again for so long. */
const EMPTY_MS = 500;
const emptyUntilMs = new Map<string, number>();

/** Follows what nodes say of who is master, from the one that was it first. */
async function askMaster(
  env: Env,
  call: Call,
  route: Route,
): Promise<{ answer: CallAnswer; node: string }> {
  let node = MASTER;
  for (let hops = 0; hops < HOPS_MAX; hops++) {
    const answer = await ask(env, node, call, route);
    const next = answer.forward?.master;
    if (next === undefined) return { answer, node };
    node = next;
  }
  throw new NodeUnavailable("ERR no node is master; nothing of this was executed");
}

function ask(
  env: Env,
  node: string,
  { requests, options, isRepeatable }: Call,
  route: Route | undefined,
): Promise<CallAnswer> {
  const routed = { ...options, route };
  return callNode(() => nodeStub(env, node).run(requests, routed), { isRepeatable });
}

// -- what the caller says, and where it is --------------------------------------------------------------

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

function seenOf(c: EdgeContext): Position | undefined {
  return parseSeen(c.req.header("upstash-sync-token") ?? "");
}

/** On a developer's machine, and nowhere else, the caller may say where it is. */
export function callerPlace(c: EdgeContext): Place | undefined {
  const said = c.env.LOOPBACK === "1" ? c.req.header("x-antipode-region") : undefined;
  if (said === undefined) return placeOf(c.req.raw.cf as Whereabouts | undefined);
  const place = placeOfRegion(said);
  if (place === undefined) throw new BadRequest("ERR x-antipode-region names no region");
  return place;
}

/** The master where nobody knows better: nodes that do not follow one another have no near copies. */
export function nearNode(env: Env, place: Place | undefined, contract?: Contract): string {
  if (place === undefined || env.STANDALONE === "1" || contract?.kind === "strong") return MASTER;
  const candidates = nodeNames(env).map((node) => ({ node, region: regionOf(env, node) }));
  return nearest(place, candidates) ?? MASTER;
}

/** What every reply says of where it comes from. */
export function routeHeaders(
  env: Env,
  { answer, node, forwardedFor }: Routed,
): Record<string, string> {
  const [history = "", offset = ""] = answer.position.split(":");
  const { lagMs } = answer;
  return {
    "x-antipode-role": answer.role,
    "x-antipode-node": node,
    "x-antipode-region": regionOf(env, node) ?? "unknown",
    "x-antipode-history": history,
    "x-antipode-offset": offset,
    "x-antipode-lag": lagMs === undefined ? "unknown" : String(lagMs),
    ...(forwardedFor === undefined ? {} : { "x-antipode-forwarded": forwardedFor }),
  };
}
