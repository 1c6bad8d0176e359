/**
 * Where a call goes: reads to the node next to the caller, if that can answer them as fresh as they must be
 * (docs/reads.md), and everything else to the master.
 */
import type { Contract } from "../../shared/replication/freshness.ts";
import type { Position } from "../../shared/replication/position.ts";
import { type Env, MASTER, nodeNames, regionOf } from "../env.ts";
import type { CallAnswer, CallOptions, Requests, Route } from "../node/requests.ts";
import { NodeUnavailable, runAt } from "./call.ts";
import { nearest, type Place } from "./regions.ts";

export interface Call {
  readonly requests: Requests;
  readonly options: CallOptions;
  /** All of it only reads, and waits for nothing. */
  readonly isRead: boolean;
  readonly isRepeatable: boolean;
  /** The node that was asked for by name. */
  readonly pinned: string | undefined;
  readonly reading: Reading;
}

/** What a caller says of its reads. */
export interface Reading {
  /** How fresh they must be; undefined: as the settings have it for who it is. */
  readonly contract: Contract | undefined;
  readonly seen: Position | undefined;
  /** Where it is; undefined: nobody knows. */
  readonly place: () => Place | undefined;
}

export interface Routed {
  readonly answer: CallAnswer;
  readonly node: string;
  /** Why the master had to answer a read; undefined: it did not have to. */
  readonly forwardedFor: string | undefined;
}

/** A master is where the last one said it is; with more hops they lead around in a circle. */
const HOPS_MAX = 4;

export async function routeCall(env: Env, call: Call): Promise<Routed> {
  const { contract, seen } = call.reading;
  const read = { contract, seen };
  if (call.pinned !== undefined) {
    // Whatever it says: another node may have another password, and even another database.
    const here = call.isRead ? ({ to: "here", read } as const) : undefined;
    const answer = await ask(env, call.pinned, call, here);
    return { answer, node: call.pinned, forwardedFor: undefined };
  }
  const near = call.isRead ? nearNode(env, call.reading) : MASTER;
  let forwardedFor: string | undefined;
  if (near !== MASTER) {
    const answer = await askNear(env, near, call, { to: "near", read });
    forwardedFor = typeof answer === "string" ? answer : answer.forward?.why;
    if (typeof answer !== "string" && forwardedFor === undefined) {
      return { answer, node: near, forwardedFor };
    }
  }
  const route: Route = { to: "master", read: call.isRead ? read : undefined };
  return { ...(await askMaster(env, call, route)), forwardedFor };
}

/** The answer of the node next door, or why there is none. */
async function askNear(
  env: Env,
  node: string,
  call: Call,
  route: Route,
): Promise<CallAnswer | string> {
  if ((emptyUntilMs.get(node) ?? 0) > Date.now()) return "no-data";
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
  return runAt(env, node, { requests, options: { ...options, route }, isRepeatable });
}

/** The master where nobody knows better: nodes that do not follow one another have no near copies. */
export function nearNode(env: Env, { contract, place }: Partial<Reading>): string {
  // Where the caller is is asked last: it takes long to know.
  if (env.STANDALONE === "1" || contract?.kind === "strong" || nodeNames(env).length === 1) {
    return MASTER;
  }
  const from = place?.();
  if (from === undefined) return MASTER;
  const candidates = nodeNames(env).map((node) => ({ node, region: regionOf(env, node) }));
  return nearest(from, candidates) ?? MASTER;
}

/** What a reply says of where it comes from. */
export function routeHeaders(env: Env, routed: Routed, contentType: string): Headers {
  const { isError, lagMs, position, role } = routed.answer;
  const { node, forwardedFor } = routed;
  const region = regionOf(env, node) ?? "unknown";
  const lag = lagMs === undefined ? "unknown" : String(lagMs);
  const about = `${isError} ${role} ${node} ${region} ${position} ${lag} ${forwardedFor} ${contentType}`;
  if (about === last.about) return last.headers;
  const colon = position.indexOf(":");
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-antipode-role": role,
    "x-antipode-node": node,
    "x-antipode-region": region,
    "x-antipode-history": position.slice(0, colon),
    "x-antipode-offset": position.slice(colon + 1),
    "x-antipode-lag": lag,
  };
  if (forwardedFor !== undefined) headers["x-antipode-forwarded"] = forwardedFor;
  // The caller sends it along with what it asks next: answers to that are not older than this one.
  if (!isError) headers["upstash-sync-token"] = position;
  last = { about, headers: new Headers(headers) };
  return last.headers;
}

/**
 * Those of the reply before, which are those of the next one while nothing is written: eight headers take
 * as long to be made as all else of a response. Responses copy them.
 */
let last: { readonly about: string; readonly headers: Headers } = {
  about: "",
  headers: new Headers(),
};
