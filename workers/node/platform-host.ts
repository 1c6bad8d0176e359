/** The core's Host on workerd: sockets out, timers, dialling, and when a group of commands ends. */
import type { LuaModules } from "../../shared/lua/machine.ts";
import { LUA_MODULES } from "../lua/modules.ts";
import { connect as connectTcp } from "cloudflare:sockets";
import type { Random } from "../../shared/base/random.ts";
import type { Address } from "../../shared/replication/address.ts";
import type { Connection, Transport } from "../../shared/replication/connection.ts";
import type { Host, SnapshotRequest } from "../../shared/replication/host.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import { type Env, nodeStub } from "../env.ts";
import { logEvent, logFailure } from "../log.ts";
import { afterReady } from "./group.ts";
import { INVARIANT } from "./invariant.ts";
import {
  aliveText,
  type Outlet,
  PROBE,
  standingIn,
  tcpOutlet,
  webSocketOutlet,
} from "./sockets.ts";
import type { SqliteStore } from "./sqlite-store.ts";

/**
 * Of one peer, and then the others have a turn. The platform looks for new events only when nothing is left to
 * run, and who sends faster than we take always has something to read: a full sync kept GETs waiting for
 * seconds.
 */
const TURN_BYTES = 256 << 10;
/** What one read of a TCP socket may bring. */
const READ_BYTES = 64 * 1024;

export class PlatformHost implements Host {
  readonly store: SqliteStore;
  readonly random: Random = platformRandom;
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #outlets = new Map<Connection, Outlet>();
  #core: NodeCore | undefined;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #isCommitScheduled = false;
  /** What went wrong in this life of the node: it ends with it, and whatever comes in still is too late. */
  #failure: Error | undefined;
  /** Told of every event, before the core is: something may have changed, whoever caused it. */
  onEvent: (nowMs: number) => void = () => undefined;
  /** Set while the core is being made: it may already wish to be woken. */
  #early: (() => void)[] = [];

  constructor(ctx: DurableObjectState, env: Env, store: SqliteStore) {
    this.#ctx = ctx;
    this.#env = env;
    this.store = store;
  }

  /** The core is there: what it wished for while it was made happens now. */
  attach(core: NodeCore): void {
    this.#core = core;
    for (const wish of this.#early) wish();
    this.#early = [];
  }

  /**
   * Runs an event in the core, with one clock reading. A bug of ours that shows there restarts the node
   * from its store: memory can no longer be trusted.
   */
  event<T>(work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const nowMs = Date.now();
      this.onEvent(nowMs);
      this.#core!.at(nowMs);
      return work();
    } catch (error) {
      throw this.#fatal(error);
    }
  }

  adopt(connection: Connection, outlet: Outlet): void {
    this.#outlets.set(connection, outlet);
  }

  closedByPeer(connection: Connection): void {
    if (!this.#outlets.delete(connection)) return;
    this.event(() => this.#core!.closed(connection));
  }

  /** Gives the core all that comes in until the peer ends; `pause` may hold the next read back. */
  async readAll(
    connection: Connection,
    readable: ReadableStream<Uint8Array>,
    pause: () => Promise<void> | undefined = () => undefined,
  ): Promise<void> {
    // One buffer to and fro: the default reader makes a new, small one for each read. The core copies
    // what it keeps before it returns.
    const reader = readable.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(READ_BYTES);
    const turn = new Turn();
    try {
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (done || !this.#outlets.has(connection)) break;
        this.event(() => this.#core!.receive(connection, value));
        buffer = value.buffer;
        const pausing = pause();
        if (pausing !== undefined) await pausing;
        if (turn.isOver(value.byteLength)) await scheduler.wait(0);
      }
    } catch {
      // The peer is gone without a goodbye.
    }
    reader.releaseLock();
    this.closedByPeer(connection);
  }

  /** The transport has taken bytes. Only who waits for that may go on; others cost no event. */
  taken(connection: Connection, byteCount: number): void {
    const isAwaited = connection.session.isFollower || connection.isHeld;
    if (isAwaited) this.event(() => this.#core!.sent(connection, byteCount));
    else connection.unsentBytes -= byteCount;
  }

  // -- Host ----------------------------------------------------------------------------------------

  send(connection: Connection, bytes: Uint8Array): void {
    const outlet = this.#outlets.get(connection);
    outlet?.write(bytes);
    const isUnknown = connection.transport.kind === "messages" && !connection.isProbed;
    if (isUnknown) connection.unsentBytes = 0;
  }

  close(connection: Connection): void {
    const outlet = this.#outlets.get(connection);
    this.#outlets.delete(connection);
    outlet?.close();
  }

  probe(connection: Connection): void {
    this.#outlets.get(connection)?.probe();
  }

  scheduleCommit(): void {
    this.#isCommitScheduled = true;
    afterReady(() => {
      this.#isCommitScheduled = false;
      this.event(() => this.#core!.commit());
    });
  }

  /** The core has wished to be called back: such a node does not hibernate. */
  get isTimerSet(): boolean {
    return this.#isCommitScheduled || this.#wakeAtMs !== Number.POSITIVE_INFINITY;
  }

  wakeAt(atMs: number): void {
    if (this.#core === undefined) this.#early.push(() => this.wakeAt(atMs));
    if (this.#core === undefined || atMs >= this.#wakeAtMs) return;
    clearTimeout(this.#timer);
    this.#wakeAtMs = atMs;
    const delayMs = Math.min(Math.max(0, atMs - Date.now()), 0x7fff_ffff);
    this.#timer = setTimeout(() => {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.event(() => this.#core!.tick());
    }, delayMs);
  }

  lua(): LuaModules {
    return LUA_MODULES;
  }

  clockUs(): number {
    return performance.now() * 1000;
  }

  log(event: string, fields: Readonly<Record<string, string | number | boolean>>): void {
    logEvent(event, { node: this.#ctx.id.name ?? "", ...fields });
  }

  dial(address: Address, attempt: number): void {
    if (this.#core === undefined) this.#early.push(() => this.dial(address, attempt));
    else void this.#dial(address, attempt);
  }

  fetchSnapshot(address: Address, request: SnapshotRequest): void {
    void this.#fetchSnapshot(address, request);
  }

  // -- dialling ------------------------------------------------------------------------------------

  async #dial(address: Address, attempt: number): Promise<void> {
    try {
      if (address.kind === "tcp") await this.#dialTcp(address, attempt);
      else await this.#dialWebSocket(address, attempt);
    } catch (error) {
      this.event(() => this.#core!.dialFailed(attempt, messageOf(error)));
    }
  }

  async #dialTcp(address: Address & { kind: "tcp" }, attempt: number): Promise<void> {
    const { host: hostname, port } = address;
    const socket = connectTcp({ hostname, port }, { allowHalfOpen: false });
    await socket.opened;
    const shown = `${hostname}:${port}`;
    const transport = outgoing("bytes", shown);
    const outlet = tcpOutlet(socket.writable as WritableStream<Uint8Array>, {
      onTaken: (count) => connection !== undefined && this.taken(connection, count),
      onFailed: () => connection !== undefined && this.closedByPeer(connection),
    });
    const connection = this.#dialled(attempt, transport, outlet);
    if (connection === undefined) {
      await socket.close();
      return;
    }
    const readable = socket.readable as ReadableStream<Uint8Array>;
    await this.readAll(connection, readable, () =>
      this.#core!.isTakingIn ? this.#untilTaken() : undefined,
    );
    await socket.close().catch(() => undefined);
  }

  async #dialWebSocket(address: Exclude<Address, { kind: "tcp" }>, attempt: number): Promise<void> {
    const headers = { upgrade: "websocket", "x-antipode-from": this.#ctx.id.name ?? "" };
    const response =
      address.kind === "node"
        ? await nodeStub(this.#env, address.name).fetch("https://node/link", { headers })
        : await fetch(address.url.replace(/^ws/i, "http"), { headers });
    const socket = response.webSocket;
    if (socket === null) throw new Error(`answered ${response.status}`);
    socket.binaryType = "arraybuffer";
    const shown = address.kind === "node" ? address.name : address.url;
    // Messages may come as soon as the socket is accepted: listen first.
    socket.addEventListener("message", ({ data }) => {
      if (connection === undefined) return;
      const peer = connection;
      if (typeof data !== "string") {
        this.event(() => this.#core!.receive(peer, new Uint8Array(data as ArrayBuffer)));
      } else if (data === PROBE) socket.send(aliveText(this.#core!.standing));
      else this.event(() => this.#core!.alive(peer, standingIn(data)));
    });
    const ended = (): void => {
      if (connection !== undefined) this.closedByPeer(connection);
    };
    socket.addEventListener("close", ended);
    socket.addEventListener("error", ended);
    socket.accept();
    const connection = this.#dialled(attempt, outgoing("messages", shown), webSocketOutlet(socket));
    if (connection === undefined) socket.close(1000);
  }

  /** The outlet must be known before the core speaks: it greets at once. */
  #dialled(attempt: number, transport: Transport, outlet: Outlet): Connection | undefined {
    return this.event(() =>
      this.#core!.dialled(attempt, transport, (made) => this.adopt(made, outlet)),
    );
  }

  async #fetchSnapshot(address: Address, request: SnapshotRequest): Promise<void> {
    const { attempt } = request;
    try {
      const response = await this.#snapshotResponse(address, request);
      if (response.status === 410) {
        this.event(() => this.#core!.snapshotEnded(attempt, "gone"));
        return;
      }
      if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
      // Large reads: the default reader brings 4 KB at a time.
      const body = response.body as ReadableStream<Uint8Array>;
      const reader = body.getReader({ mode: "byob" });
      const turn = new Turn();
      for (;;) {
        const room = new Uint8Array(4 * READ_BYTES);
        const { done, value } = await reader.readAtLeast(READ_BYTES, room);
        if (done) break;
        const isWanted = this.event(() => this.#core!.snapshotBytes(attempt, value));
        if (!isWanted) {
          await reader.cancel();
          return;
        }
        if (this.#core!.isTakingIn) await this.#untilTaken();
        if (turn.isOver(value.byteLength)) await scheduler.wait(0);
      }
      this.event(() => this.#core!.snapshotEnded(attempt, undefined));
    } catch (error) {
      this.event(() => this.#core!.snapshotEnded(attempt, messageOf(error)));
    }
  }

  /** What a master sends faster than it is stored must not pile up here. */
  async #untilTaken(): Promise<void> {
    while (this.#core!.isTakingIn) await scheduler.wait(1);
  }

  #snapshotResponse(address: Address, request: SnapshotRequest): Promise<Response> {
    const query = new URLSearchParams({ pin: request.pin, cursor: request.cursor });
    if (address.kind === "node") {
      return nodeStub(this.#env, address.name).fetch(`https://node/snapshot?${query.toString()}`);
    }
    if (address.kind === "tcp") throw new Error("a snapshot over TCP comes inline");
    const url = new URL(address.url.replace(/^ws/i, "http"));
    const node = url.searchParams.get("node") ?? "master";
    const path = `/v1/nodes/${encodeURIComponent(node)}/snapshot?${query.toString()}`;
    return fetch(new URL(path, url), { headers: { authorization: `Bearer ${request.password}` } });
  }

  #fatal(error: unknown): Error {
    this.#failure = error instanceof Error ? error : new Error(String(error));
    const stack = this.#failure.stack ?? this.#failure.message;
    logFailure("invariant", { node: this.#ctx.id.name ?? "", stack });
    this.#ctx.abort(`${INVARIANT}${this.#failure.message}`);
    return this.#failure;
  }
}

/** What a peer has sent since others had their turn. */
class Turn {
  #byteCount = 0;

  isOver(moreBytes: number): boolean {
    this.#byteCount += moreBytes;
    if (this.#byteCount < TURN_BYTES) return false;
    this.#byteCount = 0;
    return true;
  }
}

function outgoing(kind: Transport["kind"], address: string): Transport {
  return { kind, isTrusted: true, address, localAddress: "" };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const platformRandom: Random = {
  next: () => Math.random(),
  hex: (count) => {
    const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(count / 2)));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
      .join("")
      .slice(0, count);
  },
};
