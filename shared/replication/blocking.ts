/**
 * Sessions that wait: for keys (BLPOP), for acknowledgements (WAIT), for time to pass (DEBUG SLEEP), for a
 * pause to end, for a replica to catch up. A wait may end in the midst of any command; the session goes on between commands.
 */
import { type KeyWait, timedOut } from "../engine/key-waits.ts";
import type { Blocked, Session } from "../engine/session.ts";
import { NO_REPLY, OK, type Reply, ReplyError } from "../resp/reply.ts";
import type { Connection } from "./connection.ts";
import type { NodeCore } from "./node-core.ts";

interface Waiter {
  /** The answer, once there is one before the time is up. */
  readonly ready: (core: NodeCore, blocked: Blocked, session: Session) => Reply | undefined;
  /** The answer when the time is up. */
  readonly timedOut: (core: NodeCore, blocked: Blocked, session: Session) => Reply;
}

/** What a session may wait for, by `blocked.kind`. */
const WAITERS: Readonly<Record<string, Waiter>> = {
  fresh: {
    ready: (core, blocked, session) => core.reads.ready(blocked, session),
    timedOut: (core, blocked, session) => core.reads.late(blocked, session),
  },
  // The engine serves these itself (key-waits.ts).
  keys: {
    ready: () => undefined,
    timedOut: (_, blocked) => timedOut(blocked as unknown as KeyWait),
  },
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

/** What ends when the node follows another master. The rest is the node's own affair, or its clients'. */
const ENDS_WITH_ROLE = new Set(["keys", "wait"]);

/** How many nodes that follow have made everything before `offset` durable. */
export function acknowledgedBy(core: NodeCore, offset: number): number {
  return core.followers.countNodes(({ ackOffset }) => ackOffset >= offset);
}

export class Blocking {
  readonly #core: NodeCore;
  /** Their wait has ended: they go on with what they sent meanwhile. */
  readonly #released: Connection[] = [];

  constructor(core: NodeCore) {
    this.#core = core;
  }

  /** Something that sessions wait for has happened: look at them once the command at hand is done. */
  isDue = false;

  /** Whatever is due by the clock. */
  tick(): void {
    const { engine } = this.#core;
    if (engine.nowMs >= engine.deadlineMs) this.isDue = true;
    this.goOn();
  }

  /** Between commands: ends the waits that are over, and runs what those sessions sent meanwhile. */
  goOn(): void {
    const { clients, engine } = this.#core;
    // What a replay or the expiry sweep has made ready.
    engine.keyWaits.serve();
    while (this.isDue || this.#released.length > 0) {
      if (this.isDue) this.#look();
      const connection = this.#released.shift();
      if (connection !== undefined) clients.run(connection);
    }
  }

  /** Looks at every waiting session: after an acknowledgement, or when time has passed. */
  #look(): void {
    this.isDue = false;
    const { engine } = this.#core;
    engine.deadlineMs = Number.POSITIVE_INFINITY;
    for (const session of Array.from(engine.blocked)) {
      const { blocked } = session;
      if (blocked === undefined) continue;
      const isLate = blocked.untilMs > 0 && engine.nowMs >= blocked.untilMs;
      const reply = isLate ? undefined : WAITERS[blocked.kind]!.ready(this.#core, blocked, session);
      if (isLate || reply !== undefined) this.unblock(session, reply);
      engine.beginWait(session);
    }
  }

  /** When the first of them may give up. */
  get nextTickMs(): number {
    const { blocked, deadlineMs } = this.#core.engine;
    return blocked.size === 0 ? Number.POSITIVE_INFINITY : deadlineMs;
  }

  /** Ends a session's wait with this answer, or with the one for when its time is up. */
  unblock(session: Session, answer?: Reply): void {
    const { blocked } = session;
    if (blocked === undefined) return;
    // Nil is an answer as well.
    const reply = answer === undefined ? this.#timedOut(session, blocked) : answer;
    // A request that was held back may block in its turn; then its own wait goes on.
    if (reply === NO_REPLY && session.blocked !== undefined) return;
    this.#core.engine.endWait(session);
    const connection = this.#core.clients.of(session);
    if (connection === undefined) return;
    this.#core.clients.answer(connection, reply);
    this.#core.clients.settle(connection);
    this.#released.push(connection);
  }

  #timedOut(session: Session, blocked: Blocked): Reply {
    return WAITERS[blocked.kind]!.timedOut(this.#core, blocked, session);
  }

  /** Ends waits with an error, and their connections: the node's role changed. */
  releaseAll(): void {
    for (const session of Array.from(this.#core.engine.blocked)) {
      if (!ENDS_WITH_ROLE.has(session.blocked?.kind ?? "")) continue;
      session.isClosing = true;
      this.unblock(session, new ReplyError(ROLE_CHANGED));
    }
  }
}

const ROLE_CHANGED =
  "UNBLOCKED force unblock from blocking operation, " +
  "instance state changed (master -> replica?)";
