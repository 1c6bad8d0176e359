/**
 * A RESP session that reads at the replica next to it and writes at the master, as one: in order, and
 * seeing what it has written. It stands between a client and a connection to each of the two (workers/edge),
 * because a node that dialled the master for its clients could not sleep while they are connected.
 *
 * Only one of the two has requests under way at a time, and before the first read behind something that the
 * master has answered, the replica is asked whether it is as far as the master was then.
 */
import { onlyReads, waits } from "../engine/command.ts";
import type { Registry } from "../engine/registry.ts";
import { Decoder, defaultLimits, ProtocolError } from "../resp/decoder.ts";
import { encodeCommand, encodeReply } from "../resp/encoder.ts";
import { ReplyError } from "../resp/reply.ts";
import { NO_REPLY_LIMITS, ReplyDecoder } from "../resp/reply-decoder.ts";

/** What the session does. Bytes are binary strings. */
export interface NearPorts {
  toClient(bytes: string): void;
  toMaster(bytes: string): void;
  toNear(bytes: string): void;
  /** Asks where the master is, behind everything it has answered: `masterIsAt` follows. */
  askMaster(): void;
  /** Asks whether the replica is there too ("": as far as it can know by itself): `nearIs` follows. */
  askNear(position: string): void;
  close(): void;
}

type Target =
  /** Any copy that is fresh enough. */
  | "read"
  | "master"
  /** What the session is: both connections have to know. */
  | "both"
  /** From here on replies do not follow requests one by one: the rest is the master's. */
  | "forever";

interface Flight {
  readonly to: "near" | "master" | "both";
  readonly requests: readonly (readonly string[])[];
  /** Replies that are to come. */
  fromMaster: number;
  fromNear: number;
  masterSaysError: boolean;
  nearSaysError: boolean;
}

const BOTH = new Set(["auth", "client|setinfo", "client|setname", "hello", "reset", "select"]);
const FOREVER = new Set([
  ..."client|reply client|tracking monitor psync replconf sync".split(" "),
  ..."psubscribe ssubscribe subscribe punsubscribe sunsubscribe unsubscribe".split(" "),
]);
/** The session stays with the master until what they begin has ended. */
const BEGINS = new Set(["multi", "watch"]);
const ENDS = new Set(["discard", "exec"]);

/** Requests that wait for others to be answered. */
const QUEUED_BYTES_MAX = 64 << 20;

export class NearSession {
  readonly #ports: NearPorts;
  readonly #registry: Registry;
  readonly #decoder = new Decoder(defaultLimits());
  readonly #masterReplies = new ReplyDecoder(NO_REPLY_LIMITS);
  readonly #nearReplies = new ReplyDecoder(NO_REPLY_LIMITS);
  #queue: (readonly string[])[] = [];
  #queuedBytes = 0;
  #flight: Flight | undefined;
  /** The master or the replica is being asked how far it is. */
  #isAsking = false;
  /** The replica must be asked before the next read. */
  #mustAsk = true;
  /** The master has answered something: the replica may be behind that. */
  #hasSeenMaster = false;
  /** The replica is behind: the reads that come next are the master's. */
  #isNearBehind = false;
  #isNearLost = false;
  #isInTransaction = false;
  #isHandedOver = false;
  /** Of the replica, until all of it is there: were the connection lost, the master would be asked instead. */
  #nearBytes = "";

  constructor(ports: NearPorts, registry: Registry) {
    this.#ports = ports;
    this.#registry = registry;
  }

  /** Bytes of the client. */
  receive(bytes: string): void {
    if (this.#isHandedOver) {
      this.#ports.toMaster(bytes);
      return;
    }
    this.#queuedBytes += bytes.length;
    this.#decoder.push(bytes);
    try {
      for (let args = this.#decoder.next(); args !== undefined; args = this.#decoder.next()) {
        this.#queue.push(args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#ports.toClient(encodeReply(new ReplyError(error.text), 2));
      this.#ports.close();
      return;
    }
    if (this.#queuedBytes > QUEUED_BYTES_MAX) this.#ports.close();
    else this.#goOn();
  }

  fromMaster(bytes: string): void {
    this.#ports.toClient(bytes);
    if (this.#isHandedOver) return;
    this.#masterReplies.push(bytes);
    const decoder = this.#masterReplies;
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
      if (this.#flight === undefined) continue;
      this.#flight.fromMaster--;
      this.#flight.masterSaysError = reply instanceof ReplyError;
    }
    this.#land();
  }

  fromNear(bytes: string): void {
    const flight = this.#flight;
    if (this.#isNearLost || flight === undefined) return;
    if (flight.to === "near") this.#nearBytes += bytes;
    this.#nearReplies.push(bytes);
    const decoder = this.#nearReplies;
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
      flight.fromNear--;
      flight.nearSaysError = reply instanceof ReplyError;
    }
    this.#land();
  }

  masterIsAt(position: string): void {
    if (!this.#isAsking) return;
    if (this.#isNearLost) this.nearIs(false);
    else this.#ports.askNear(position);
  }

  nearIs(isFresh: boolean): void {
    if (!this.#isAsking) return;
    this.#isAsking = false;
    this.#mustAsk = !isFresh;
    this.#isNearBehind = !isFresh;
    this.#goOn();
  }

  /** Everything is the master's from now on; what the replica has not answered, too. */
  nearLost(): void {
    if (this.#isNearLost) return;
    this.#isNearLost = true;
    const flight = this.#flight;
    if (flight?.to === "near") {
      this.#flight = undefined;
      this.#nearBytes = "";
      this.#queue = [...flight.requests, ...this.#queue];
    } else if (flight !== undefined) flight.fromNear = 0;
    this.#isAsking = false;
    this.#land();
    this.#goOn();
  }

  /** What was sent has been answered: the next may go. */
  #land(): void {
    const flight = this.#flight;
    if (flight === undefined || flight.fromMaster > 0 || flight.fromNear > 0) return;
    this.#flight = undefined;
    if (flight.to === "near") {
      this.#ports.toClient(this.#nearBytes);
      this.#nearBytes = "";
    } else if (flight.to === "master") {
      this.#hasSeenMaster = true;
      this.#mustAsk = true;
    } else if (flight.nearSaysError && !flight.masterSaysError) {
      // Passwords and users are each node's own: one that does not let it in is of no use to the session.
      this.#isNearLost = true;
    }
    this.#goOn();
  }

  #goOn(): void {
    if (this.#flight !== undefined || this.#isAsking || this.#isHandedOver) return;
    const first = this.#queue[0];
    if (first === undefined) {
      this.#queuedBytes = 0;
      return;
    }
    const target = this.#targetOf(first);
    if (target === "forever") this.#handOver();
    else if (target === "both") {
      // All that the session began is over with a RESET.
      this.#isInTransaction = false;
      this.#send("both", [this.#queue.shift()!]);
    } else if (target === "master") this.#send("master", this.#takeWhile("master"));
    else if (this.#isNearLost) this.#send("master", this.#takeWhile("read"));
    else if (this.#isNearBehind) {
      this.#isNearBehind = false;
      this.#send("master", this.#takeWhile("read"));
    } else if (this.#mustAsk) this.#ask();
    else this.#send("near", this.#takeWhile("read"));
  }

  #ask(): void {
    this.#isAsking = true;
    if (this.#hasSeenMaster) this.#ports.askMaster();
    else this.#ports.askNear("");
  }

  #send(to: Flight["to"], requests: readonly (readonly string[])[]): void {
    const isForNear = to === "near" || (to === "both" && !this.#isNearLost);
    this.#flight = {
      to,
      requests,
      fromMaster: to === "near" ? 0 : requests.length,
      fromNear: isForNear ? requests.length : 0,
      masterSaysError: false,
      nearSaysError: false,
    };
    let bytes = "";
    for (const args of requests) bytes += encodeCommand(args);
    this.#queuedBytes = Math.max(0, this.#queuedBytes - bytes.length);
    if (to !== "near") this.#ports.toMaster(bytes);
    if (isForNear) this.#ports.toNear(bytes);
  }

  /** The requests in front that have the same target; one transaction or more among them. */
  #takeWhile(target: "master" | "read"): readonly (readonly string[])[] {
    let count = 0;
    for (const args of this.#queue) {
      if (this.#targetOf(args) !== target) break;
      count++;
      const name = args[0]?.toLowerCase() ?? "";
      if (BEGINS.has(name)) this.#isInTransaction = true;
      if (ENDS.has(name)) this.#isInTransaction = false;
    }
    return this.#queue.splice(0, count);
  }

  #handOver(): void {
    this.#isHandedOver = true;
    let bytes = "";
    for (const args of this.#queue) bytes += encodeCommand(args);
    this.#queue = [];
    this.#ports.toMaster(bytes + this.#decoder.takeRest());
  }

  #targetOf(args: readonly string[]): Target {
    const command = args.length === 0 ? undefined : this.#registry.ofRequest(args);
    const name = command?.name ?? args[0]?.toLowerCase() ?? "";
    if (FOREVER.has(name)) return "forever";
    if (command === undefined) return "master";
    const isQueued = this.#isInTransaction && name !== "reset";
    // What it changes of the session it may change at EXEC, or never: the replica could not be told.
    if (isQueued) return BOTH.has(name) ? "forever" : "master";
    if (BOTH.has(name)) return "both";
    return onlyReads(command) && !waits(args) ? "read" : "master";
  }
}
