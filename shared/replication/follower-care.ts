/** What followers need by the clock: a snapshot they wait for, a PING, and an end to those that are gone. */
import type { NodeCore } from "./node-core.ts";
import { startSync } from "./psync.ts";

/** How often a node with followers that need it looks after them. */
const CARE_EVERY_MS = 1000;

export class FollowerCare {
  readonly #core: NodeCore;
  #pingedAtMs = 0;
  #saidAliveAtMs = 0;

  constructor(core: NodeCore) {
    this.#core = core;
  }

  tick(): void {
    this.#core.followers.pumpDue();
    this.#dropSilent();
    this.#ping();
    // Only the master may put a PING into the stream.
    this.#core.link.askForPings(this.#core.followers.needPings);
    for (const follower of this.#core.followers.all) {
      if (follower.state === "wait_bgsave") startSync(this.#core, follower);
    }
    this.#sayAlive();
    this.#dropUnusedPin();
  }

  #sayAlive(): void {
    const { engine, followers } = this.#core;
    if (engine.nowMs - this.#saidAliveAtMs < CARE_EVERY_MS) return;
    this.#saidAliveAtMs = engine.nowMs;
    followers.sayAlive();
  }

  /** Our own nodes that have everything need no care: a quiet master may sleep. */
  get nextTickMs(): number {
    const { followers, snapshots, log, engine } = this.#core;
    if (followers.areDue) return engine.nowMs;
    const isNeeded =
      snapshots.pin !== undefined ||
      followers.needPings ||
      followers.all.some(({ ackOffset }) => ackOffset < log.committedEnd);
    return isNeeded ? engine.nowMs + CARE_EVERY_MS : Number.POSITIVE_INFINITY;
  }

  #dropSilent(): void {
    const { engine, followers } = this.#core;
    const timeoutMs = engine.config.number("repl-timeout") * 1000;
    for (const { connection, ackAtMs, state, isPrePsync } of followers.all) {
      if (isPrePsync) continue;
      const seenAtMs = Math.max(ackAtMs, connection.seenAtMs);
      if (state === "online" && engine.nowMs - seenAtMs > timeoutMs) {
        followers.drop(connection, "timeout");
      }
    }
  }

  /**
   * Followers without probes of their own (stock Redis) want a PING in the stream now and then, be they
   * ours or those of a replica of ours.
   */
  #ping(): void {
    const { role, engine, followers, log } = this.#core;
    if (role.kind !== "master") return;
    const periodMs = engine.config.number("repl-ping-replica-period") * 1000;
    if (engine.nowMs - this.#pingedAtMs < periodMs) return;
    if (!followers.needPings) return;
    this.#pingedAtMs = engine.nowMs;
    log.writeControl(["ping"]);
  }

  #dropUnusedPin(): void {
    const { snapshots, engine, followers, host, persistence } = this.#core;
    const { pin } = snapshots;
    if (pin === undefined) return;
    const ttlMs = engine.config.number("repl-pin-ttl") * 1000;
    if (engine.nowMs - pin.usedAtMs <= ttlMs) return;
    host.log("snapshot-dropped", { why: "unused", pin: pin.id });
    snapshots.drop();
    persistence.untidy();
    // Who was told of it and did not come for it is gone, or begins anew: nobody waits for him for ever.
    for (const { state, usesFrames, inline, connection } of followers.all) {
      // Who has been sent all of it may be loading it for long.
      const isUnderWay = state === "send_bulk" && (usesFrames || inline?.isSent === false);
      if (isUnderWay) followers.drop(connection, "snapshot-unused");
    }
  }
}
