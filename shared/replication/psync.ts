/** The master's answer to a replica that introduces itself: PSYNC, SYNC and what follows from them. */
import { rdbFunction } from "../rdb/functions.ts";
import { rdbEnd, rdbHeader } from "../rdb/writer.ts";
import { encodeReply } from "../resp/encoder.ts";
import { NO_REPLY, type Reply, ReplyError, Status } from "../resp/reply.ts";
import type { Connection } from "./connection.ts";
import type { Follower } from "./followers.ts";
import { CAPA_FRAMES } from "./handshake.ts";
import type { NodeCore } from "./node-core.ts";
import { decideResync } from "./resync.ts";

/** `PSYNC id offset+1`; `offset` is what the replica has. */
export function psync(
  core: NodeCore,
  connection: Connection,
  ask: { id: string; offset: number },
): Reply {
  const known = core.followers.of(connection);
  // A second PSYNC is part of the game only after a snapshot that was fetched.
  if (known !== undefined && !(known.usesFrames && known.state !== "online")) return NO_REPLY;
  if (core.role.kind === "replica" && !core.link.isUp) {
    return new ReplyError("NOMASTERLINK Can't SYNC while not connected with my master");
  }
  // Whatever the open group holds belongs to the position we answer with.
  core.log.commit();
  const backlog = { start: core.log.start, end: core.log.committedEnd };
  const decision = decideResync(ask, { history: core.history, backlog });
  const usesFrames = wantsFrames(connection);
  const follower =
    known ?? core.followers.add(connection, { usesFrames, nowMs: core.engine.nowMs });
  core.host.log("psync", {
    id: connection.session.id,
    answer: decision.kind,
    why: decision.kind === "full" ? decision.why : "",
  });
  if (decision.kind === "continue") {
    // What follows a snapshot that was fetched is the end of a full sync.
    if (known === undefined) core.syncs.partialOk++;
    const { id, epoch } = core.history;
    say(core, connection, new Status(usesFrames ? `CONTINUE ${id} ${epoch}` : `CONTINUE ${id}`));
    core.followers.startOnline(follower, ask.offset);
    core.followers.pump(follower);
    // Nothing else need happen here for hours, and a stock replica wants its PING.
    core.schedule();
    return NO_REPLY;
  }
  if (ask.id !== "?") core.syncs.partialErr++;
  core.syncs.full++;
  startSync(core, follower);
  return NO_REPLY;
}

/** `SYNC`, for tools that speak nothing newer: a snapshot without a line in front of it. */
export function sync(core: NodeCore, connection: Connection): Reply {
  if (core.followers.of(connection) !== undefined) return NO_REPLY;
  if (core.role.kind === "replica" && !core.link.isUp) {
    return new ReplyError("NOMASTERLINK Can't SYNC while not connected with my master");
  }
  const options = { usesFrames: false, nowMs: core.engine.nowMs, isPrePsync: true };
  const follower = core.followers.add(connection, options);
  core.syncs.full++;
  startSync(core, follower);
  return NO_REPLY;
}

/** Begins a full sync, or leaves the follower waiting until the base can be pinned again. */
export function startSync(core: NodeCore, follower: Follower): void {
  if (follower.connection.session.replicaWants !== "all") {
    startWithoutKeys(core, follower);
    return;
  }
  // Who asks again and was given this snapshot before is counted among its users already.
  const isUser = follower.pin !== undefined && follower.pin === core.snapshots.pin;
  const pin = isUser
    ? follower.pin
    : core.snapshots.open(() => core.pinnedAt(), { offset: follower.askedOffset });
  // A pin has to be looked after, and so has a follower that waits for one.
  core.schedule();
  if (pin === undefined) return;
  const { connection } = follower;
  // The history may have been renamed since the pin was made. What follows is the history as it is
  // called now; under its old name the replica would hold bytes that the old history never had.
  const { id, epoch } = core.history;
  if (follower.usesFrames) {
    say(core, connection, new Status(`SNAPSHOT ${id} ${pin.offset} ${epoch} ${pin.id}`));
    core.followers.startFetching(follower, pin);
    return;
  }
  if (!follower.isPrePsync) say(core, connection, new Status(`FULLRESYNC ${id} ${pin.offset}`));
  core.followers.startInline(follower, pin);
  core.followers.pump(follower);
  core.schedule();
}

/** A full sync with the functions at most: all that redis-cli wants who only looks at the stream. */
function startWithoutKeys(core: NodeCore, follower: Follower): void {
  core.log.commit();
  const offset = core.log.committedEnd;
  const { replicaWants } = follower.connection.session;
  const libraries = replicaWants === "functions" ? core.engine.functions.all : [];
  const body = libraries.map(({ code }) => rdbFunction(code)).join("");
  const text = rdbHeader({ "redis-ver": "7.4.0" }) + body + rdbEnd(undefined);
  if (!follower.isPrePsync) {
    say(core, follower.connection, new Status(`FULLRESYNC ${core.history.id} ${offset}`));
  }
  const source = { isAtEnd: true, next: () => text };
  core.followers.startInlineFrom(follower, { source, counted: source, offset });
  core.followers.pump(follower);
  core.schedule();
}

function wantsFrames({ session, transport }: Connection): boolean {
  return transport.kind === "messages" && session.replicaCapas.includes(CAPA_FRAMES);
}

/** A line in front of what the follower is sent next; behind everything answered so far. */
function say(core: NodeCore, connection: Connection, line: Status): void {
  connection.out += encodeReply(line, 2);
  core.clients.flush(connection);
}
