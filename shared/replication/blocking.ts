/** Sessions that wait: for acknowledgements (WAIT), for time to pass (DEBUG SLEEP), for a pause to end. */
import type { Blocked, Session } from "../engine/session.ts";
import { NO_REPLY, OK, type Reply, ReplyError } from "../resp/reply.ts";
import type { NodeCore } from "./node-core.ts";

interface Waiter {
  /** The answer, once there is one before the time is up. */
  readonly ready: (core: NodeCore, blocked: Blocked) => Reply | undefined;
  /** The answer when the time is up. */
  readonly timedOut: (core: NodeCore, blocked: Blocked, session: Session) => Reply;
}

/** What a session may wait for, by `blocked.kind`. */
const WAITERS: Readonly<Record<string, Waiter>> = {
  paused: {
    ready: () => undefined,
    timedOut: (core, blocked, session) => {
      session.blocked = undefined;
      return core.engine.run(session, blocked["args"] as readonly string[]);
    },
  },
  sleep: { ready: () => undefined, timedOut: () => OK },
  wait: {
    ready: (core, blocked) => {
      const count = acknowledgedBy(core, blocked["offset"] as number);
      return count >= (blocked["count"] as number) ? count : undefined;
    },
    timedOut: (core, blocked) => acknowledgedBy(core, blocked["offset"] as number),
  },
};

/** How many nodes that follow have made everything before `offset` durable. */
export function acknowledgedBy(core: NodeCore, offset: number): number {
  return core.followers.countNodes(({ ackOffset }) => ackOffset >= offset);
}

/** The answer to who has waited long enough, or was woken by CLIENT UNBLOCK … ERROR. */
function outcome(core: NodeCore, session: Session, blocked: Blocked): Reply {
  const error = blocked["error"];
  if (typeof error === "string") return new ReplyError(error);
  return WAITERS[blocked.kind]!.timedOut(core, blocked, session);
}

export class Blocking {
  readonly #core: NodeCore;

  constructor(core: NodeCore) {
    this.#core = core;
  }

  /** Something that sessions wait for has happened: look at them once the command at hand is done. */
  isDue = false;

  /** Looks at every waiting session: after an acknowledgement, or when time has passed. */
  tick(): void {
    this.isDue = false;
    for (const session of Array.from(this.#core.engine.blocked)) {
      const blocked = session.blocked!;
      const isLate = blocked.untilMs > 0 && this.#core.engine.nowMs >= blocked.untilMs;
      const reply = isLate
        ? outcome(this.#core, session, blocked)
        : WAITERS[blocked.kind]!.ready(this.#core, blocked);
      if (reply !== undefined) this.unblock(session, reply);
    }
  }

  /** When the first of them gives up. */
  get nextTickMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const { blocked } of this.#core.engine.blocked) {
      if (blocked!.untilMs > 0) atMs = Math.min(atMs, blocked!.untilMs);
    }
    return atMs;
  }

  /** Ends a session's wait with this answer, and goes on with what it sent meanwhile. */
  unblock(session: Session, reply: Reply): void {
    const connection = this.#core.clients.of(session);
    // A request that was held back may block in its turn; then its own wait goes on.
    if (reply === NO_REPLY && session.blocked !== undefined) return;
    session.blocked = undefined;
    this.#core.engine.blocked.delete(session);
    if (connection === undefined) return;
    this.#core.clients.answer(connection, reply);
    this.#core.clients.run(connection);
  }

  /**
   * Ends every wait with an error: the node's role changed. Not now, but behind the command that runs:
   * a session that goes on would run its next command in the middle of this one.
   */
  releaseAll(): void {
    const { blocked, nowMs } = this.#core.engine;
    for (const session of blocked) {
      if (session.blocked?.kind !== "wait") continue;
      session.blocked = { ...session.blocked, untilMs: nowMs, error: ROLE_CHANGED };
    }
    this.isDue = true;
  }
}

const ROLE_CHANGED =
  "UNBLOCKED force unblock from blocking operation, " +
  "instance state changed (master -> replica?)";
