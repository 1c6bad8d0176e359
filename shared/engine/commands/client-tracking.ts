/** CLIENT TRACKING and what belongs to it. https://redis.io/docs/latest/commands/client-tracking/ */
import { detach } from "../../base/bytes.ts";
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, SetReply } from "../../resp/reply.ts";
import { refuse } from "../arguments.ts";
import type { Context } from "../context.ts";
import type { TrackingMode } from "../session.ts";
import { mapOf } from "./map-of.ts";

/** Each is compared with each of the same client, and every client's with every key that changes. */
const PREFIXES_MAX = 1000;

/** CLIENT TRACKING ON|OFF; its options are read, and refused, in either case. */
export function track(cx: Context, args: readonly string[]): Reply {
  const asked = trackingOptions(cx, args);
  const word = args[2]!.toLowerCase();
  if (word === "off") {
    cx.engine.tracking.disable(cx.session);
    return OK;
  }
  if (word !== "on") fail("syntax");
  const before = cx.session.tracking;
  checkOptions(asked, before);

  cx.engine.tracking.enable(cx.session, {
    ...asked,
    prefixes: asked.isBroadcast ? prefixesOf(asked, before) : [],
    isCaching: before?.isCaching ?? false,
    isRedirectBroken: false,
  });
  return OK;
}

type Asked = Omit<TrackingMode, "isCaching" | "isRedirectBroken">;

function trackingOptions(cx: Context, args: readonly string[]): Asked {
  let redirect = 0;
  const prefixes: string[] = [];
  const said = new Set<string>();
  for (let i = 3; i < args.length; i++) {
    const option = args[i]!.toLowerCase();
    const hasValue = i + 1 < args.length;
    if (option === "redirect" && hasValue) {
      if (redirect !== 0) refuse("A client can only redirect to a single other client");
      const id = parseInteger(args[++i]!);
      if (id === undefined) fail("notInteger");
      redirect = Number(id);
      if (!cx.engine.sessions.has(redirect)) {
        refuse("The client ID you want redirect to does not exist");
      }
    } else if (option === "prefix" && hasValue) prefixes.push(args[++i]!);
    else if (FLAGS.has(option)) said.add(option);
    else fail("syntax");
  }
  return {
    redirect,
    prefixes,
    isBroadcast: said.has("bcast"),
    isOptIn: said.has("optin"),
    isOptOut: said.has("optout"),
    isNoLoop: said.has("noloop"),
  };
}

const FLAGS = new Set(["bcast", "noloop", "optin", "optout"]);

/** Options that exclude each other, or that a client which tracks already cannot change. */
function checkOptions(asked: Asked, before: TrackingMode | undefined): void {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = asked;
  if (!isBroadcast && prefixes.length > 0)
    refuse("PREFIX option requires BCAST mode to be enabled");
  if (before !== undefined && before.isBroadcast !== isBroadcast) {
    refuse(
      "You can't switch BCAST mode on/off before disabling tracking for this client, and then " +
        "re-enabling it with a different mode.",
    );
  }
  if (isBroadcast && (isOptIn || isOptOut))
    refuse("OPTIN and OPTOUT are not compatible with BCAST");
  if (isOptIn && isOptOut) refuse("You can't specify both OPTIN mode and OPTOUT mode");
  if ((isOptIn && before?.isOptOut === true) || (isOptOut && before?.isOptIn === true)) {
    refuse(
      "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then " +
        "re-enabling it with a different mode.",
    );
  }
  checkPrefixes(prefixes, before?.prefixes ?? []);
}

/**
 * No key may have two prefixes of one client. (redis-server 7.0 refuses only what overlaps with the first
 * prefix given; for the others it answers with the error, and with OK as well.)
 */
function checkPrefixes(prefixes: readonly string[], before: readonly string[]): void {
  if (prefixes.length + before.length > PREFIXES_MAX) {
    refuse(`A client can have at most ${PREFIXES_MAX} prefixes`);
  }
  const must = "Prefixes for a single client must not overlap.";
  for (const [i, prefix] of prefixes.entries()) {
    const old = before.find((other) => overlap(prefix, other));
    if (old !== undefined) {
      refuse(`Prefix '${prefix}' overlaps with an existing prefix '${old}'. ${must}`);
    }
    const other = prefixes.find((later, at) => at > i && overlap(prefix, later));
    if (other !== undefined) {
      refuse(`Prefix '${prefix}' overlaps with another provided prefix '${other}'. ${must}`);
    }
  }
}

function overlap(a: string, b: string): boolean {
  return a.length < b.length ? b.startsWith(a) : a.startsWith(b);
}

/** Those the client has stay; none given stands for every key. */
function prefixesOf({ prefixes }: Asked, before: TrackingMode | undefined): string[] {
  const given = prefixes.length === 0 ? [""] : prefixes.map(detach);
  return [...new Set([...(before?.prefixes ?? []), ...given])].sort();
}

export function caching({ session }: Context, args: readonly string[]): Reply {
  const mode = session.tracking;
  if (mode === undefined) {
    refuse(
      "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or " +
        "OPTOUT mode enabled",
    );
  }
  const word = args[2]!.toLowerCase();
  if (word !== "yes" && word !== "no") fail("syntax");
  if (word === "yes" && !mode.isOptIn) {
    refuse("CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
  }
  if (word === "no" && !mode.isOptOut) {
    refuse("CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
  }
  mode.isCaching = true;
  return OK;
}

/** Whom the session redirects to: 0 nobody, -1 it does not track. */
export function redirectOf({ tracking }: { readonly tracking: TrackingMode | undefined }): number {
  return tracking?.redirect ?? -1;
}

export function trackingInfo({ session }: Context): Reply {
  return mapOf([
    ["flags", new SetReply(flagsOf(session.tracking))],
    ["redirect", redirectOf(session)],
    ["prefixes", session.tracking?.prefixes ?? []],
  ]);
}

function flagsOf(mode: TrackingMode | undefined): string[] {
  if (mode === undefined) return ["off"];
  const flags = ["on"];
  if (mode.isBroadcast) flags.push("bcast");
  if (mode.isOptIn) flags.push("optin");
  if (mode.isOptIn && mode.isCaching) flags.push("caching-yes");
  if (mode.isOptOut) flags.push("optout");
  if (mode.isOptOut && mode.isCaching) flags.push("caching-no");
  if (mode.isNoLoop) flags.push("noloop");
  if (mode.isRedirectBroken) flags.push("broken_redirect");
  return flags;
}
