/**
 * Reads that say how fresh they must be, at a node: those it can answer run at once, others wait until the
 * link has brought enough, and what it cannot answer in time is left to the master.
 */
import type { Blocked, Session } from "../engine/session.ts";
import { type Reply, Replies } from "../resp/reply.ts";
import { type Ask, decide, type Standing, type Verdict, whenLate } from "./freshness.ts";
import type { NodeCore } from "./node-core.ts";

export function standingOf({ role, history, log, link }: NodeCore): Standing {
  const isMaster = role.kind === "master";
  return {
    isMaster,
    isFilled: !isMaster && role.isFilled === true,
    isDiverged: !isMaster && role.isDiverged === true,
    history,
    offset: log.end,
    provenAtMs: link.provenAtMs,
    isProvable: link.isProvable,
    isInTouch: link.isInTouch,
    isCaughtUp: link.isCaughtUp,
  };
}

/** How old what is read here may be, in milliseconds; undefined: nobody knows. */
export function lagMsOf({ role, link }: NodeCore, nowMs: number): number | undefined {
  if (role.kind === "master") return 0;
  const { provenAtMs } = link;
  return provenAtMs === Number.NEGATIVE_INFINITY ? undefined : nowMs - provenAtMs;
}

/** Hears how a wait has ended: "now" before what waits for it runs, or "forward". */
type Ended = (verdict: Verdict) => void;

/** The wait ends, and nothing is said of it. */
const NOTHING = new Replies([]);

export class Reads {
  readonly #core: NodeCore;
  /** Sessions that wait; some of them may have ended meanwhile. */
  readonly #waiting = new Map<Session, Ended>();

  constructor(core: NodeCore) {
    this.#core = core;
  }

  /**
   * Before what a session is about to read. "wait": what it sends now runs once it is fresh, or could not
   * be made so: `ended` is told of which before, and may close a session that is not to read here.
   */
  begin(session: Session, ask: Ask, ended: Ended): Verdict {
    const { engine } = this.#core;
    const { nowMs } = engine;
    const verdict = this.#decide(ask, nowMs);
    if (verdict.at !== "wait") return verdict;
    const untilMs = nowMs + engine.config.number("read-wait-ms");
    session.blocked = { kind: "fresh", untilMs, ask, askedAtMs: nowMs };
    engine.beginWait(session);
    this.#waiting.set(session, ended);
    return verdict;
  }

  /** Something has come from the master, or its link has changed: those who wait are to be looked at. */
  progress(): void {
    if (this.#waiting.size === 0) return;
    for (const session of this.#waiting.keys()) {
      if (session.blocked?.kind !== "fresh") this.#waiting.delete(session);
    }
    if (this.#waiting.size > 0) this.#core.blocking.isDue = true;
  }

  /** Ends a session's wait if it can be ended. */
  ready(blocked: Blocked, session: Session): Reply | undefined {
    const verdict = this.#decide(blocked["ask"] as Ask, blocked["askedAtMs"] as number);
    return verdict.at === "wait" ? undefined : this.#end(session, verdict);
  }

  /** Ends a session's wait: it was long enough. */
  late(blocked: Blocked, session: Session): Reply {
    const askedAtMs = blocked["askedAtMs"] as number;
    const verdict = whenLate(blocked["ask"] as Ask, standingOf(this.#core), askedAtMs);
    return this.#end(session, verdict);
  }

  #decide(ask: Ask, askedAtMs: number): Verdict {
    const verdict = decide(ask, standingOf(this.#core), askedAtMs);
    // Data comes by itself; how far the master is must be asked.
    if (verdict.at === "wait" && verdict.for === "proof") this.#core.link.askHowFar();
    return verdict;
  }

  #end(session: Session, verdict: Verdict): Reply {
    this.#waiting.get(session)?.(verdict);
    this.#waiting.delete(session);
    return NOTHING;
  }
}
