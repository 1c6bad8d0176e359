/**
 * The replica's side of a replication connection, as a state machine: dial, greet, PSYNC, load a snapshot
 * if need be, then follow the stream. Whatever fails leads to `down` with a reason, and from there to the
 * next try; the data we have keeps serving meanwhile.
 */
import { assert } from "../base/assert.ts";
import { fromBinary, toBinary } from "../base/bytes.ts";
import { RdbError } from "../rdb/reader.ts";
import { encodeCommand } from "../resp/encoder.ts";
import type { Address } from "./address.ts";
import { ApplyError } from "./apply.ts";
import type { Connection } from "./connection.ts";
import { decodeFrame } from "./frame.ts";
import { OPTION_PINGS, parsePsyncAnswer, plan, type Step } from "./handshake.ts";
import { FetchIntake, InlineIntake, parseBulkHeader } from "./intake.ts";
import { type LinkPorts, type LinkState, MOVES } from "./link-state.ts";
import { LoadError, type Loading } from "./loading.ts";
import type { Position } from "./position.ts";
import { Proof } from "./proof.ts";

const RETRY_MS_MIN = 100;
const GREETING_LINE_BYTES_MAX = 64 * 1024;
const STABLE_AFTER_MS = 5000;
const FETCH_FAILURES_MAX = 10;

export class Link {
  readonly #ports: LinkPorts;
  #state: LinkState = { at: "down", why: "new", retryAtMs: 0 };
  #address: Address | undefined;
  #connection: Connection | undefined;
  #attempt = 0;
  #retries = 0;
  #text = "";
  /** A snapshot that is coming in. */
  #intake: InlineIntake | FetchIntake | undefined;
  #nextAckAtMs = 0;
  /** What the master was last told to be durable. */
  #ackedOffset = -1;
  #nextProbeAtMs = 0;
  /** What the master was told of our need for PINGs. */
  #asksForPings = false;
  #failure: string | undefined;
  #enteredAtMs = 0;
  readonly #proof = new Proof();
  /** Let go of its master for want of readers (`rest`). */
  #isResting = false;
  /** Whom we follow is a replica itself: its answers to probes say nothing of the master. */
  #isMute = false;
  /** Was up since it was started or roused. */
  #wasUp = false;
  /** When it was started or roused. */
  #startedAtMs = 0;
  /** Last time the master was heard. */
  seenAtMs = 0;
  /** Since when the link is not streaming; undefined: it never was. */
  downSinceMs: number | undefined;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  get state(): LinkState {
    return this.#state;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get loading(): Loading | undefined {
    return this.#intake?.loading;
  }

  /** Follows a master, or tries to. */
  get isActive(): boolean {
    return this.#address !== undefined;
  }

  get isUp(): boolean {
    return this.#state.at === "streaming";
  }

  /** Why the link is down, or was before the try that is under way; undefined: it is up, or new. */
  get failure(): string | undefined {
    return this.isUp ? undefined : this.#failure;
  }

  /** The master can be asked how far it is: it is a node of ours, and no replica itself. */
  get isProvable(): boolean {
    return this.#address?.kind !== "tcp" && !this.#isMute;
  }

  /** When the master had nothing that is not here (Unix ms); -Infinity: that was never proven. */
  get provenAtMs(): number {
    return this.#proof.provenAtMs(this.#ports.position());
  }

  /** Up, or on its way up and not in trouble: it is worth to wait for it. */
  get isInTouch(): boolean {
    if (this.isUp) return true;
    return this.isActive && this.#retries <= 1 && this.#state.at !== "loading";
  }

  /** What its master had when this link began is here, as far as that can be known. */
  get isCaughtUp(): boolean {
    return this.isProvable ? this.provenAtMs >= this.#startedAtMs : this.#wasUp;
  }

  /** Since when it has been in its state (Unix ms). */
  get enteredAtMs(): number {
    return this.#enteredAtMs;
  }

  /** Follows this master from now on. */
  start(address: Address): void {
    this.stop("another-master");
    this.#address = address;
    this.#proof.forget();
    this.downSinceMs = undefined;
    this.#begin("starting");
  }

  /** Lets go of the master until it is roused: nobody reads here. */
  rest(): void {
    if (!this.isUp) return;
    this.#hangUp();
    this.downSinceMs = this.#ports.nowMs();
    this.#isResting = true;
    this.#enter({ at: "down", why: "idle", retryAtMs: Number.POSITIVE_INFINITY });
  }

  /** Someone reads here: follows the master again if it had let go of it. */
  rouse(): void {
    if (this.#isResting) this.#begin("roused");
  }

  #begin(why: string): void {
    this.#isResting = false;
    this.#wasUp = false;
    this.#isMute = false;
    this.#retries = 0;
    this.#failure = undefined;
    this.#startedAtMs = this.#ports.nowMs();
    this.#enter({ at: "down", why, retryAtMs: this.#startedAtMs });
    this.tick();
  }

  /** Asks the master how far it is, unless that is under way. */
  askHowFar(): void {
    if (this.#usesFrames && this.isProvable && !this.#proof.isUnderWay) this.#probe();
  }

  /** Follows nobody. */
  stop(why: string): void {
    if (this.#address === undefined) return;
    this.#hangUp();
    this.#abandonLoading();
    this.#address = undefined;
    this.#isResting = false;
    this.#enter({ at: "down", why, retryAtMs: 0 });
  }

  /** Drops the connection and dials again (CLIENT KILL TYPE master, changed credentials). */
  reconnect(why: string): void {
    if (this.#address !== undefined && this.#state.at !== "down") this.#fail(why);
  }

  // -- events --------------------------------------------------------------------------------------

  dialled(attempt: number, connection: Connection): boolean {
    if (attempt !== this.#attempt || this.#state.at !== "dialling") return false;
    this.#connection = connection;
    this.#text = "";
    this.seenAtMs = this.#ports.nowMs();
    const steps = plan(this.#ports.introduction(this.#address!));
    this.#say(steps.map(({ request }) => encodeCommand(request)).join(""));
    this.#enter({ at: "greeting", steps: steps.map(({ step }) => step) });
    return true;
  }

  dialFailed(attempt: number, why: string): void {
    if (attempt === this.#attempt && this.#state.at === "dialling") this.#fail(why);
  }

  closed(): void {
    this.#connection = undefined;
    this.#proof.broken();
    // A snapshot that comes over HTTP does not need this connection; its end does, and will dial anew.
    if (this.#intake instanceof FetchIntake) return;
    this.#fail("closed");
  }

  receive(bytes: Uint8Array): void {
    this.seenAtMs = this.#ports.nowMs();
    if (this.#usesFrames) {
      this.guard(() => this.#receiveFrame(bytes));
    } else this.guard(() => this.#receiveText(toBinary(bytes)));
  }

  /** False: this transfer is not wanted any more. */
  snapshotBytes(attempt: number, bytes: Uint8Array): boolean {
    const intake = this.#fetchOf(attempt);
    if (intake === undefined) return false;
    this.seenAtMs = this.#ports.nowMs();
    this.guard(() => intake.push(toBinary(bytes)));
    return attempt === this.#attempt;
  }

  /** The HTTP body ended: well (`why` undefined), or `gone` (start over), or otherwise (resume). */
  snapshotEnded(attempt: number, why: string | undefined): void {
    const intake = this.#fetchOf(attempt);
    if (intake === undefined) return;
    // A long value may still be on its way into the store: `tick` finishes then.
    // With its last frame it is whole, however the transfer ended.
    if (intake.isWhole) {
      if (!intake.loading.isBusy) this.guard(() => this.#finishFetch(intake));
    } else if (why === "gone" || ++intake.failures > FETCH_FAILURES_MAX) {
      this.#fail(`snapshot-${why ?? "cut"}`);
    } else this.#fetch(intake);
  }

  /** The snapshot that this transfer belongs to, if it is still wanted. */
  #fetchOf(attempt: number): FetchIntake | undefined {
    const intake = this.#intake;
    return attempt === this.#attempt && intake instanceof FetchIntake ? intake : undefined;
  }

  /**
   * The master answered a probe, and said how far it is if it is a master. That it did says nothing of a
   * snapshot that has stopped coming.
   */
  alive(position?: Position): void {
    this.#isMute = this.#proof.isAsked && position === undefined;
    this.#proof.answered(position);
    if (this.#state.at !== "loading") this.seenAtMs = this.#ports.nowMs();
  }

  /** Timeouts, retries, acknowledgements: whatever is due by the clock. */
  tick(): void {
    const nowMs = this.#ports.nowMs();
    if (this.#intake?.loading.isBusy === true) this.guard(() => this.#loadMore(this.#intake!));
    if (this.#address === undefined || nowMs < this.nextTickMs) return;
    if (this.#state.at === "down") {
      this.#attempt++;
      this.#enter({ at: "dialling" });
      this.seenAtMs = nowMs;
      this.#ports.host.dial(this.#address, this.#attempt);
    } else if (nowMs - this.seenAtMs >= this.#timeoutMs) this.#fail("timeout");
    else if (this.#connection !== undefined && !this.#isGreeting) this.#keepAlive(nowMs);
  }

  #loadMore(intake: InlineIntake | FetchIntake): void {
    this.seenAtMs = this.#ports.nowMs();
    if (intake instanceof InlineIntake) {
      this.#receiveInline(intake, "");
      return;
    }
    intake.work();
    if (intake.isWhole && !intake.loading.isBusy) this.#finishFetch(intake);
  }

  /** When `tick` has something to do next. */
  get nextTickMs(): number {
    if (this.#intake?.loading.isBusy === true) return this.#ports.nowMs();
    if (this.#address === undefined) return Number.POSITIVE_INFINITY;
    if (this.#state.at === "down") return this.#state.retryAtMs;
    const timeoutAtMs = this.seenAtMs + this.#timeoutMs;
    if (this.#connection === undefined || this.#isGreeting) return timeoutAtMs;
    const isAck = this.#usesAcks || this.#intake instanceof InlineIntake;
    return Math.min(timeoutAtMs, isAck ? this.#nextAckAtMs : this.#nextProbeAtMs);
  }

  get #timeoutMs(): number {
    return this.#ports.number("repl-timeout") * 1000;
  }

  /** A stock master wants an ACK every second; our own is probed without being woken. */
  get #usesAcks(): boolean {
    return this.#state.at === "streaming" && this.#state.epoch === undefined;
  }

  get #usesFrames(): boolean {
    return this.#state.at === "streaming" && this.#state.epoch !== undefined;
  }

  /** Tells the master what is durable here, when it does not know. */
  acknowledge(): void {
    if (this.#ports.durableOffset() !== this.#ackedOffset) this.answerGetAck();
  }

  /** Tells the master what is durable here, as it asked. */
  answerGetAck(): void {
    if (this.#connection === undefined || this.#state.at !== "streaming") return;
    this.#ackedOffset = this.#ports.durableOffset();
    const ack = ["REPLCONF", "ACK", String(this.#ackedOffset)];
    // A part of a command can be neither applied nor durable; one longer than the master's window
    // would never come to its end if the master did not learn that the part is here. What only waits to
    // be applied is another matter: who took more and more of it would hold all of it.
    const isPart = this.#usesFrames && this.#received > this.#ports.position().offset;
    if (isPart && !this.#ports.isWaiting()) ack.push("RECEIVED", String(this.#received));
    this.#say(encodeCommand(ack));
    this.#nextAckAtMs = this.#ports.nowMs() + 1000;
  }

  /**
   * Tells a master that sends frames whether the stream must bring PINGs: such a master sends none of
   * itself, and a replica of ours over TCP would take us for dead.
   */
  askForPings(isNeeded: boolean): void {
    if (!this.#usesFrames || isNeeded === this.#asksForPings) return;
    this.#asksForPings = isNeeded;
    this.#say(encodeCommand(["REPLCONF", OPTION_PINGS, isNeeded ? "1" : "0"]));
  }

  // -- greeting --------------------------------------------------------------------------------------

  get #isGreeting(): boolean {
    return this.#state.at === "dialling" || this.#state.at === "greeting";
  }

  #receiveText(bytes: string): void {
    if (this.#state.at === "streaming") {
      this.#ports.apply(bytes);
      return;
    }
    if (this.#intake instanceof InlineIntake) {
      this.#receiveInline(this.#intake, bytes);
      return;
    }
    this.#text += bytes;
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end < 0) break;
      const line = this.#text.slice(0, end).replace(/\r$/, "");
      this.#text = this.#text.slice(end + 1);
      // Empty lines are a busy master's sign of life.
      if (line !== "") this.#takeLine(line);
      if (this.#isBody) {
        const rest = this.#text;
        this.#text = "";
        if (rest !== "" && this.#state.at !== "down") this.#receiveText(rest);
        return;
      }
    }
    if (this.#text.length > GREETING_LINE_BYTES_MAX) this.#fail("endless-line");
  }

  /** What comes next is not lines any more. */
  get #isBody(): boolean {
    const { at } = this.#state;
    return at === "down" || at === "streaming" || this.#intake instanceof InlineIntake;
  }

  #takeLine(line: string): void {
    const state = this.#state;
    switch (state.at) {
      case "greeting":
        this.#takeStep(state.steps, line);
        return;
      case "asking":
        this.#takePsyncAnswer(line);
        return;
      case "loading":
        if (state.by === "inline") this.#takeBulkHeader(line);
        return;
      default:
        this.#fail("out-of-turn");
    }
  }

  #takeStep(steps: readonly Step[], line: string): void {
    const [step, ...rest] = steps;
    assert(step !== undefined, "a greeting has steps");
    if (!step.accepts(line)) {
      this.#fail(`${step.name}-refused`);
      return;
    }
    this.#enter({ at: "greeting", steps: rest });
    if (rest.length === 0) this.#ask();
  }

  #ask(): void {
    // The master takes the offset we ask from for acknowledged.
    this.#ports.settle();
    const { id, offset } = this.#ports.position();
    this.#say(encodeCommand(["PSYNC", id, String(offset + 1)]));
    this.#enter({ at: "asking" });
  }

  #takePsyncAnswer(line: string): void {
    const answer = parsePsyncAnswer(line);
    switch (answer.kind) {
      case "later":
        this.#fail(`psync: ${answer.why}`);
        return;
      case "continue":
        if (this.#isDeposed(answer.epoch)) return;
        this.#ports.continued(answer.id, answer.epoch);
        this.#stream(answer.epoch);
        return;
      case "inline":
        this.#enter({ at: "loading", by: "inline", into: { ...answer, epoch: 0 } });
        return;
      case "fetch":
        if (this.#isDeposed(answer.epoch)) return;
        this.#enter({ at: "loading", by: "fetch", into: answer });
        this.#intake = new FetchIntake(this.#ports.startLoading(), answer.pin);
        this.#fetch(this.#intake);
    }
  }

  #isDeposed(epoch: number | undefined): boolean {
    if (epoch === undefined || epoch >= this.#ports.epochMin()) return false;
    this.#fail("deposed-master");
    return true;
  }

  // -- snapshot ------------------------------------------------------------------------------------

  #takeBulkHeader(line: string): void {
    assert(this.#state.at === "loading", "a bulk header while loading");
    const header = parseBulkHeader(line);
    if (header === undefined) this.#fail(`bulk: ${line.slice(0, 60)}`);
    else {
      this.#intake = new InlineIntake(this.#ports.startLoading(), header);
      this.#nextAckAtMs = this.#ports.nowMs() + 1000;
    }
  }

  #receiveInline(intake: InlineIntake, bytes: string): void {
    const rest = intake.push(bytes);
    if (rest === undefined) return;
    this.#finishLoading(intake.loading);
    this.#stream(undefined);
    if (rest !== "") this.#ports.apply(rest);
  }

  #fetch(intake: FetchIntake): void {
    intake.restart();
    const { user, password } = this.#ports.introduction(this.#address!);
    this.#ports.host.fetchSnapshot(this.#address!, {
      attempt: this.#attempt,
      pin: intake.pin,
      cursor: intake.cursor,
      user,
      password,
    });
  }

  #finishFetch(intake: FetchIntake): void {
    this.#finishLoading(intake.loading);
    if (this.#connection === undefined) this.#fail("closed-while-loading");
    else this.#ask();
  }

  #finishLoading(loading: Loading): void {
    assert(this.#state.at === "loading", "finishes a loading");
    this.#intake = undefined;
    this.#proof.forget();
    this.#ports.loaded(loading, this.#state.into);
  }

  #abandonLoading(): void {
    const intake = this.#intake;
    this.#intake = undefined;
    if (intake !== undefined) this.#ports.abandoned(intake.loading);
  }

  // -- stream --------------------------------------------------------------------------------------

  #stream(epoch: number | undefined): void {
    this.#enter({ at: "streaming", epoch });
    this.#asksForPings = false;
    this.#failure = undefined;
    this.downSinceMs = undefined;
    this.#nextProbeAtMs =
      this.#ports.nowMs() + this.#ports.number("repl-ping-replica-period") * 1000;
    this.answerGetAck();
  }

  #receiveFrame(message: Uint8Array): void {
    assert(this.#state.at === "streaming", "frames come while streaming");
    const frame = decodeFrame(message);
    if (frame === undefined) this.#fail("not-a-frame");
    else if (frame.epoch !== this.#state.epoch) this.#fail("other-epoch");
    else if (frame.offset !== this.#received) this.#fail("gap");
    else {
      this.#received += frame.bytes.byteLength;
      this.#ports.apply(toBinary(frame.bytes));
      const isPart = this.#received > this.#ports.position().offset;
      if (isPart && !this.#ports.isWaiting()) this.answerGetAck();
    }
  }

  /** Offset behind the last byte received, applied or not. */
  #received = 0;

  get receivedOffset(): number {
    return Math.max(this.#received, this.#ports.position().offset);
  }

  #keepAlive(nowMs: number): void {
    if (nowMs - this.#enteredAtMs > STABLE_AFTER_MS) this.#retries = 0;
    if (this.#usesAcks) this.answerGetAck();
    else if (this.#intake instanceof InlineIntake) this.#saySomething(nowMs);
    else {
      this.#probe();
      this.#nextProbeAtMs = nowMs + this.#ports.number("repl-ping-replica-period") * 1000;
    }
  }

  /** A master that hears nothing for its repl-timeout, however long a snapshot takes to load, hangs up. */
  #saySomething(nowMs: number): void {
    if (nowMs < this.#nextAckAtMs) return;
    this.#say("\n");
    this.#nextAckAtMs = nowMs + 1000;
  }

  /** One at a time; one that is not answered ends the link by its time-out. */
  #probe(): void {
    if (this.#proof.isAsked) return;
    this.#proof.asked(this.#ports.nowMs());
    this.#ports.host.probe(this.#connection!);
  }

  // -- ends ----------------------------------------------------------------------------------------

  /** Runs what the master's bytes make us do; what is wrong with them ends the link, not the node. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ApplyError) {
        // What it was proven by is taken back.
        this.#proof.forget();
        this.#ports.rollback();
        this.#fail(error.message);
      } else if (error instanceof LoadError) this.#fail(error.message);
      else if (error instanceof RdbError) this.#fail(`rdb: ${error.message}`);
      else throw error;
    }
  }

  #fail(why: string): void {
    this.#hangUp();
    this.#abandonLoading();
    this.#failure = why;
    const nowMs = this.#ports.nowMs();
    if (this.#state.at === "streaming") this.downSinceMs = nowMs;
    const delayMs = Math.min(
      RETRY_MS_MIN * 2 ** Math.min(this.#retries, 20),
      this.#ports.number("repl-reconnect-max-ms"),
    );
    // Replicas that lost the same master must not come back in step.
    const jitterMs = delayMs * 0.25 * this.#ports.host.random.next();
    const retryAtMs = this.#retries++ === 0 ? nowMs : Math.ceil(nowMs + delayMs + jitterMs);
    this.#enter({ at: "down", why, retryAtMs });
    this.#ports.host.wakeAt(retryAtMs);
  }

  #hangUp(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#attempt++;
    // What has been reached by now is proven.
    this.#proof.provenAtMs(this.#ports.position());
    this.#proof.broken();
    if (connection !== undefined) this.#ports.hangUp(connection);
  }

  #say(text: string): void {
    this.#ports.host.send(this.#connection!, fromBinary(text));
  }

  #enter(state: LinkState): void {
    const from = this.#state;
    const moves: readonly LinkState["at"][] = MOVES[from.at];
    assert(moves.includes(state.at), `a link does not go from ${from.at} to ${state.at}`);
    this.#state = state;
    this.#enteredAtMs = this.#ports.nowMs();
    if (state.at === "streaming") this.#received = this.#ports.position().offset;
    if (from.at !== state.at) {
      const why = state.at === "down" ? state.why : "";
      this.#ports.host.log("link", { from: from.at, to: state.at, why });
    }
  }
}
