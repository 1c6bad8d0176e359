/**
 * Sessions as CLIENT LIST shows them, in Redis 7.4's format: tools cut these lines at the spaces.
 */
import { fail } from "../resp/errors.ts";
import { ReplyError } from "../resp/reply.ts";
import type { Session } from "./session.ts";

/** What CLIENT LIST TYPE and CLIENT KILL TYPE tell apart. */
export type ClientType = "normal" | "master" | "replica" | "pubsub";

const TYPES = new Map<string, ClientType>([
  ["master", "master"],
  ["normal", "normal"],
  ["pubsub", "pubsub"],
  ["replica", "replica"],
  ["slave", "replica"],
]);

export function typeOfClient(session: Session): ClientType {
  if (session.isMasterLink) return "master";
  if (session.isFollower) return "replica";
  return session.subscriptions === undefined ? "normal" : "pubsub";
}

/** The type a client asks for, or Redis's refusal. */
export function parseClientType(text: string | undefined): ClientType {
  if (text === undefined) fail("syntax");
  const type = TYPES.get(text.toLowerCase());
  if (type === undefined) throw new ReplyError(`ERR Unknown client type '${text}'`);
  return type;
}

/** In Redis's order. */
const FLAGS: readonly [letter: string, applies: (session: Session) => boolean][] = [
  ["O", (session) => session.isMonitor],
  ["S", (session) => session.isFollower],
  ["M", (session) => session.isMasterLink],
  ["P", (session) => session.subscriptions !== undefined],
  ["x", (session) => session.transaction !== undefined],
  ["b", (session) => session.blocked !== undefined],
  ["t", (session) => session.tracking !== undefined],
  ["R", (session) => session.tracking?.isRedirectBroken === true],
  ["B", (session) => session.tracking?.isBroadcast === true],
  ["d", (session) => session.isWatchBroken],
  ["c", (session) => session.isClosing],
  ["e", (session) => session.isNoEvict],
  ["T", (session) => session.isNoTouch],
];

/**
 * One line, without its end. There is no file descriptor and there are no buffers of a session's
 * own here: these fields stand because parsers want them, and say -1 and 0.
 */
export function clientLine(session: Session, nowMs: number): string {
  const flags = FLAGS.filter(([, applies]) => applies(session)).map(([letter]) => letter);
  const { transaction } = session;
  const seconds = (sinceMs: number) => Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  const queuedBytes = transaction?.bytes ?? 0;
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ["id", session.id],
    ["addr", session.address],
    ["laddr", session.localAddress],
    ["fd", -1],
    ["name", session.name],
    ["age", seconds(session.createdAtMs)],
    ["idle", seconds(session.activeAtMs)],
    ["flags", flags.join("") || "N"],
    ["db", session.db],
    ["sub", session.subscriptions?.channels.size ?? 0],
    ["psub", session.subscriptions?.patterns.size ?? 0],
    ["ssub", session.subscriptions?.shardChannels.size ?? 0],
    ["multi", transaction?.queue.length ?? -1],
    ["watch", session.watched.size],
    ["qbuf", 0],
    ["qbuf-free", 0],
    ["argv-mem", 0],
    ["multi-mem", queuedBytes],
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", 0],
    ["omem", 0],
    ["tot-mem", queuedBytes],
    ["events", "r"],
    ["cmd", session.lastCommand || "NULL"],
    ["user", session.user],
    ["redir", session.tracking?.redirect ?? -1],
    ["resp", session.protocol],
    ["lib-name", session.libName],
    ["lib-ver", session.libVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ");
}
