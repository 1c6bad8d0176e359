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
import { type Introduction, parsePsyncAnswer, plan, type Step } from "./handshake.ts";
import type { Host } from "./host.ts";
import { LoadError, type Loading } from "./loading.ts";
import type { Position } from "./position.ts";
import { SnapshotFrameDecoder } from "./snapshot-frame.ts";

export type LinkState =
  | { readonly at: "down"; readonly why: string; readonly retryAtMs: number }
  | { readonly at: "dialling" }
  | { readonly at: "greeting"; readonly steps: readonly Step[] }
  | { readonly at: "asking" }
  | { readonly at: "loading"; readonly from: Source; readonly into: Position & { epoch: number } }
  | { readonly at: "streaming"; readonly epoch: number | undefined };

/** Where the snapshot comes from: this connection, or an HTTP body. */
type Source =
  | { readonly kind: "inline"; readonly header: InlineHeader | undefined }
  | { readonly kind: "fetch"; readonly pin: string };

type InlineHeader = { readonly mark: string } | { readonly byteCount: number };

export const MOVES = {
  down: ["down", "dialling"],
  dialling: ["greeting", "down"],
  greeting: ["greeting", "asking", "down"],
  asking: ["loading", "streaming", "down"],
  loading: ["loading", "asking", "streaming", "down"],
  streaming: ["streaming", "down"],
} as const satisfies Record<LinkState["at"], readonly LinkState["at"][]>;

/** The states as ROLE names them. */
export const ROLE_NAMES = {
  down: "connect",
  dialling: "connecting",
  greeting: "handshake",
  asking: "handshake",
  loading: "sync",
  streaming: "connected",
} as const satisfies Record<LinkState["at"], string>;

/** What the link asks of its node. */
export interface LinkPorts {
  readonly host: Host;
  nowMs(): number;
  number(setting: string): number;
  /** What to say of ourselves to this master. */
  introduction(address: Address): Introduction;
  position(): Position;
  /** Makes what was applied so far durable. */
  settle(): void;
  /** How far the log is durable; `position` counts the open group as well. */
  durableOffset(): number;
  /** Lowest epoch we still follow; a master of an older election has been deposed. */
  epochMin(): number;
  /** The master lets us go on; `id` is its history's id now. */
  continued(id: string | undefined, epoch: number | undefined): void;
  startLoading(): Loading;
  loaded(loading: Loading, at: Position & { epoch: number }): void;
  /** Drops a loading that will not be finished. */
  abandoned(loading: Loading): void;
  /** Applies bytes of the stream and appends them to the log; throws ApplyError. */
  apply(bytes: string): void;
  /** Ends our connection to the master. */
  hangUp(connection: Connection): void;
  /** Goes back to the store: what was applied of the open group is forgotten. */
  rollback(): void;
}

const RETRY_MS_MIN = 100;
const GREETING_LINE_BYTES_MAX = 64 * 1024;
const STABLE_AFTER_MS = 5000;

export class Link {
  readonly #ports: LinkPorts;
  #state: LinkState = { at: "down", why: "new", retryAtMs: 0 };
  #address: Address | undefined;
  #connection: Connection | undefined;
  #attempt = 0;
  #retries = 0;
  #text = "";
  #loading: Loading | undefined;
  #frames = new SnapshotFrameDecoder();
  #cursor = "";
  #isLastFrameIn = false;
  #fetchFailures = 0;
  #nextAckAtMs = 0;
  /** What the master was last told to be durable. */
  #ackedOffset = -1;
  #nextProbeAtMs = 0;
  #enteredAtMs = 0;
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

  get address(): Address | undefined {
    return this.#address;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get loading(): Loading | undefined {
    return this.#loading;
  }

  get isUp(): boolean {
    return this.#state.at === "streaming";
  }

  get isActive(): boolean {
    return this.#address !== undefined;
  }

  /** Follows this master from now on. */
  start(address: Address): void {
    this.stop("another-master");
    this.#address = address;
    this.#retries = 0;
    this.downSinceMs = undefined;
    this.#enter({ at: "down", why: "starting", retryAtMs: this.#ports.nowMs() });
    this.tick();
  }

  /** Follows nobody. */
  stop(why: string): void {
    if (this.#address === undefined) return;
    this.#hangUp();
    this.#abandonLoading();
    this.#address = undefined;
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
    // A snapshot that comes over HTTP does not need this connection; its end does, and will dial anew.
    if (this.#state.at === "loading" && this.#state.from.kind === "fetch") return;
    this.#fail("closed");
  }

  receive(bytes: Uint8Array): void {
    this.seenAtMs = this.#ports.nowMs();
    if (this.#usesFrames) {
      this.#guard(() => this.#receiveFrame(bytes));
    } else this.#guard(() => this.#receiveText(toBinary(bytes)));
  }

  /** False: this transfer is not wanted any more. */
  snapshotBytes(attempt: number, bytes: Uint8Array): boolean {
    if (attempt !== this.#attempt || this.#state.at !== "loading") return false;
    this.seenAtMs = this.#ports.nowMs();
    this.#guard(() => {
      this.#frames.push(toBinary(bytes));
      this.#takeFrames();
    });
    return attempt === this.#attempt;
  }

  /** The HTTP body ended: well (`why` undefined), or `gone` (start over), or otherwise (resume). */
  snapshotEnded(attempt: number, why: string | undefined): void {
    if (attempt !== this.#attempt || this.#state.at !== "loading") return;
    if (why === undefined && this.#isLastFrameIn) {
      this.#guard(() => this.#finishFetch());
    } else if (why === "gone" || ++this.#fetchFailures > 10) {
      this.#fail(`snapshot-${why ?? "cut"}`);
    } else this.#fetch();
  }

  /** The master answered a probe. That says nothing of a snapshot that has stopped coming. */
  alive(): void {
    if (this.#state.at !== "loading") this.seenAtMs = this.#ports.nowMs();
  }

  /** Timeouts, retries, acknowledgements: whatever is due by the clock. */
  tick(): void {
    const nowMs = this.#ports.nowMs();
    if (this.#address === undefined || nowMs < this.nextTickMs) return;
    if (this.#state.at === "down") {
      this.#attempt++;
      this.#enter({ at: "dialling" });
      this.seenAtMs = nowMs;
      this.#ports.host.dial(this.#address, this.#attempt);
    } else if (nowMs - this.seenAtMs >= this.#timeoutMs) this.#fail("timeout");
    else if (this.#connection !== undefined && !this.#isGreeting) this.#keepAlive(nowMs);
  }

  /** When `tick` has something to do next. */
  get nextTickMs(): number {
    if (this.#address === undefined) return Number.POSITIVE_INFINITY;
    if (this.#state.at === "down") return this.#state.retryAtMs;
    const timeoutAtMs = this.seenAtMs + this.#timeoutMs;
    if (this.#connection === undefined || this.#isGreeting) return timeoutAtMs;
    return Math.min(timeoutAtMs, this.#usesAcks ? this.#nextAckAtMs : this.#nextProbeAtMs);
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
    // would never come to its end if the master did not learn that the part is here.
    const isPart = this.#usesFrames && this.#received > this.#ports.position().offset;
    if (isPart) ack.push("RECEIVED", String(this.#received));
    this.#say(encodeCommand(ack));
    this.#nextAckAtMs = this.#ports.nowMs() + 1000;
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
    if (this.#state.at === "loading" && this.#isInlineBody) {
      this.#receiveInline(bytes);
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
    return at === "down" || at === "streaming" || this.#isInlineBody;
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
        if (state.from.kind === "inline") this.#takeInlineHeader(line);
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
        this.#beginLoading({ kind: "inline", header: undefined }, { ...answer, epoch: 0 });
        return;
      case "fetch":
        if (this.#isDeposed(answer.epoch)) return;
        this.#beginLoading({ kind: "fetch", pin: answer.pin }, answer);
        this.#fetch();
    }
  }

  #isDeposed(epoch: number | undefined): boolean {
    if (epoch === undefined || epoch >= this.#ports.epochMin()) return false;
    this.#fail("deposed-master");
    return true;
  }

  // -- snapshot ------------------------------------------------------------------------------------

  #beginLoading(from: Source, { id, offset, epoch }: Position & { epoch: number }): void {
    this.#abandonLoading();
    this.#loading = this.#ports.startLoading();
    this.#frames = new SnapshotFrameDecoder();
    this.#cursor = "";
    this.#isLastFrameIn = false;
    this.#fetchFailures = 0;
    this.#enter({ at: "loading", from, into: { id, offset, epoch } });
  }

  get #isInlineBody(): boolean {
    const state = this.#state;
    return (
      state.at === "loading" && state.from.kind === "inline" && state.from.header !== undefined
    );
  }

  #takeInlineHeader(line: string): void {
    assert(this.#state.at === "loading", "an inline header while loading");
    const mark = /^\$EOF:([0-9a-zA-Z]{40})$/.exec(line)?.[1];
    const byteCount = Number(/^\$(\d{1,15})$/.exec(line)?.[1]);
    if (mark === undefined && Number.isNaN(byteCount)) {
      this.#fail(`bulk: ${line.slice(0, 60)}`);
      return;
    }
    const header = mark === undefined ? { byteCount } : { mark };
    this.#enter({ ...this.#state, from: { kind: "inline", header } });
  }

  #receiveInline(bytes: string): void {
    const loading = this.#loading!;
    if (!loading.isComplete) {
      loading.push(bytes);
      if (!loading.isComplete) return;
      this.#text = loading.takeRest();
    } else this.#text += bytes;
    const state = this.#state;
    assert(state.at === "loading" && state.from.kind === "inline", "loads inline");
    const header = state.from.header!;
    if ("mark" in header) {
      if (this.#text.length < header.mark.length) return;
      if (!this.#text.startsWith(header.mark)) throw new LoadError("the end mark is missing");
      this.#text = this.#text.slice(header.mark.length);
    }
    this.#finishLoading();
    this.#stream(undefined);
    const rest = this.#text;
    this.#text = "";
    if (rest !== "") this.#ports.apply(rest);
  }

  #fetch(): void {
    assert(this.#state.at === "loading" && this.#state.from.kind === "fetch", "fetches a snapshot");
    this.#frames = new SnapshotFrameDecoder();
    const { user, password } = this.#ports.introduction(this.#address!);
    this.#ports.host.fetchSnapshot(this.#address!, {
      attempt: this.#attempt,
      pin: this.#state.from.pin,
      cursor: this.#cursor,
      user,
      password,
    });
  }

  #takeFrames(): void {
    for (;;) {
      const frame = this.#frames.next();
      if (frame === undefined) return;
      if (frame === "damaged") throw new LoadError("a frame of the snapshot is damaged");
      this.#fetchFailures = 0;
      this.#loading!.push(frame.bytes);
      this.#cursor = frame.cursor;
      this.#isLastFrameIn = frame.cursor === "";
    }
  }

  #finishFetch(): void {
    if (!this.#loading!.isComplete) throw new LoadError("the snapshot ends early");
    this.#finishLoading();
    if (this.#connection === undefined) this.#fail("closed-while-loading");
    else this.#ask();
  }

  #finishLoading(): void {
    assert(this.#state.at === "loading", "finishes a loading");
    const loading = this.#loading!;
    this.#loading = undefined;
    this.#ports.loaded(loading, this.#state.into);
  }

  #abandonLoading(): void {
    if (this.#loading !== undefined) this.#ports.abandoned(this.#loading);
    this.#loading = undefined;
  }

  // -- stream --------------------------------------------------------------------------------------

  #stream(epoch: number | undefined): void {
    this.#enter({ at: "streaming", epoch });
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
      if (this.#received > this.#ports.position().offset) this.answerGetAck();
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
    else {
      this.#ports.host.probe(this.#connection!);
      this.#nextProbeAtMs = nowMs + this.#ports.number("repl-ping-replica-period") * 1000;
    }
  }

  // -- ends ----------------------------------------------------------------------------------------

  /** Runs what the master's bytes make us do; what is wrong with them ends the link, not the node. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ApplyError) {
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
