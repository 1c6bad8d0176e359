/**
 * One copy of a database on the platform: turns its events into calls of the core, and the core's wishes
 * into its actions. No decisions here.
 */
import { DurableObject } from "cloudflare:workers";
import type { Connection } from "../../shared/replication/connection.ts";
import { admit, type Admission } from "../../shared/replication/admission.ts";
import { describeNode, type NodeDescription } from "../../shared/replication/describe.ts";
import { parseSeen, positionText, type Verdict } from "../../shared/replication/freshness.ts";
import { NodeCore } from "../../shared/replication/node-core.ts";
import { CHANNELS_PROTOCOL } from "../../shared/resp/channels.ts";
import { type Env, MASTER, portsOf } from "../env.ts";
import { Billing } from "./billing.ts";
import { Channels } from "./channels.ts";
import { Calls } from "./requests.ts";
import { PlatformHost } from "./platform-host.ts";
import { servePinned, serveSnapshotFile } from "./snapshots.ts";
import {
  aliveText,
  NEAR_FORWARD,
  NEAR_MARK,
  NEAR_NOW,
  NEAR_WHERE,
  PROBE,
  standingIn,
  tcpOutlet,
  webSocketOutlet,
} from "./sockets.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { Hibernation } from "./hibernation.ts";
import { answerText, readCall, type WireCall } from "./wire.ts";

/** A TCP client that does not read its replies is not read from either beyond this many bytes. */
const UNSENT_BYTES_MAX = 1 << 20;

export class Node extends DurableObject<Env> {
  readonly #host: PlatformHost;
  readonly #core: NodeCore;
  readonly #hibernation: Hibernation;
  readonly #calls: Calls;
  readonly #billing: Billing;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const name = ctx.id.name ?? MASTER;
    const ports = portsOf(env);
    const store = new SqliteStore(ctx.storage);
    this.#billing = new Billing(store.sql);
    this.#host = new PlatformHost(ctx, env, store);
    const isMaster = name === MASTER || env.STANDALONE === "1";
    this.#core = new NodeCore(this.#host, {
      name,
      ports,
      firstRole: isMaster
        ? { kind: "master" }
        : { kind: "replica", master: { kind: "node", name: MASTER } },
      settings: settingsOf(env, ports[name] ?? 0),
      platform: { tcp_port: ports[name] ?? 0, node: name },
      info: [this.#billing.section],
      nowMs: Date.now(),
    });
    this.#host.attach(this.#core);
    this.#hibernation = new Hibernation(ctx, this.#host, this.#core);
    this.#calls = new Calls(this.#host, this.#core);
  }

  // -- entries -------------------------------------------------------------------------------------

  /** RESP over TCP, handed on by the Worker's `connect` handler. */
  override async connect(socket: Socket): Promise<void> {
    const opened = await socket.opened.catch(() => undefined);
    const connection = this.#host.event(() =>
      this.#core.open({
        kind: "bytes",
        isTrusted: false,
        // The Worker's side dials us by the client's address (edge/tcp.ts).
        address: opened?.localAddress ?? "",
        localAddress: `0.0.0.0:${this.#core.ownPort}`,
      }),
    );
    const outlet = tcpOutlet(socket.writable as WritableStream<Uint8Array>, {
      onTaken: (count) => this.#host.taken(connection, count),
      onFailed: () => this.#host.closedByPeer(connection),
    });
    this.#host.adopt(connection, outlet);
    this.#greet(connection);
    const readable = socket.readable as ReadableStream<Uint8Array>;
    await this.#host.readAll(connection, readable, () =>
      connection.unsentBytes > UNSENT_BYTES_MAX ? outlet.drained() : undefined,
    );
    outlet.close();
  }

  override async fetch(request: Request): Promise<Response> {
    this.#billing.calls++;
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/resp":
        return this.#acceptWebSocket(request, { isTrusted: false });
      // Only nodes of this deployment can reach this path: the edge never forwards to it.
      case "/link":
        return this.#acceptWebSocket(request, { isTrusted: true });
      // The edge asks who it is before it forwards to this: a client like any other from then on.
      case "/listen":
        return this.#acceptWebSocket(request, { isTrusted: true, isNode: false });
      // The edge forwards to these once the password is right; nodes of this deployment need none.
      case "/snapshot":
        return servePinned(this.#ports, url.searchParams);
      case "/snapshot.rdb":
        return await serveSnapshotFile(this.#ports);
      default:
        return new Response("no such path\n", { status: 404 });
    }
  }

  /** Runs requests of one HTTP call in order, as one client would. */
  run(...call: WireCall): Promise<string> | string {
    this.#billing.calls++;
    const answer = this.#calls.run(...readCall(call));
    return answer instanceof Promise ? answer.then(answerText) : answerText(answer);
  }

  /** What /v1/topology and /health say of this node. */
  describe(): NodeDescription {
    this.#billing.calls++;
    return this.#host.event(() => describeNode(this.#core));
  }

  /** Whether who offers this password may come in: for what the edge does on its own. */
  admits(password: string | undefined): Admission {
    this.#billing.calls++;
    return admit(this.#core.engine, password);
  }

  /** Nothing is due and every session is saved: the platform may let the node hibernate. */
  get isIdle(): boolean {
    return this.#hibernation.isSaved && !this.#host.isTimerSet;
  }

  get #ports() {
    return { host: this.#host, core: this.#core };
  }

  /** Who is not let in is told so at once, before the first command. */
  #greet(connection: Connection): void {
    if (connection.session.isClosing) this.#host.event(() => this.#core.clients.settle(connection));
  }

  #acceptWebSocket(
    request: Request,
    { isTrusted, isNode = isTrusted }: { isTrusted: boolean; isNode?: boolean },
  ): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("RESP is spoken over a WebSocket here\n", { status: 426 });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const address = request.headers.get("x-antipode-from") ?? "";
    if (!isTrusted && offersChannels(request)) {
      const ports = { host: this.#host, core: this.#core, address };
      this.#hibernation.track(server, new Channels(server, ports));
      return new Response(null, { status: 101, webSocket: client, headers: CHANNELS_HEADERS });
    }
    const connection = this.#host.event(() =>
      this.#core.open({ kind: "messages", isTrusted, address, localAddress: "" }),
    );
    connection.session.isNode = isNode;
    this.#core.engine.acl.admit(connection.session);
    this.#host.adopt(
      connection,
      webSocketOutlet(server, () => this.#host.closedByPeer(connection)),
    );
    this.#hibernation.track(server, connection);
    this.#greet(connection);
    return new Response(null, { status: 101, webSocket: client });
  }

  // -- events of hibernatable sockets --------------------------------------------------------------

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    this.#billing.messages++;
    const peer = this.#hibernation.peerOf(socket);
    if (peer === undefined) return;
    if (peer instanceof Channels) {
      if (typeof message !== "string") peer.receive(new Uint8Array(message));
    } else if (typeof message === "string") this.#receiveText(peer, socket, message);
    else this.#host.event(() => this.#core.receive(peer, new Uint8Array(message)));
  }

  override webSocketClose(socket: WebSocket): void {
    const peer = this.#hibernation.forget(socket);
    // The platform does not answer a hibernatable socket's goodbye (workerd 1.20261117.1): until we do,
    // the peer waits for it and its connection stays open.
    webSocketOutlet(socket).close();
    if (peer instanceof Channels) peer.end();
    else if (peer !== undefined) this.#host.closedByPeer(peer);
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket);
  }

  #receiveText(connection: Connection, socket: WebSocket, text: string): void {
    if (text.startsWith(NEAR_MARK)) {
      this.#answerNear(connection, socket, text);
      return;
    }
    const mayKnow = connection.session.isAuthenticated;
    if (text === PROBE) {
      socket.send(aliveText(mayKnow ? this.#core.standing : undefined));
      // No event, as it is none when the platform answers: who is asked once a second is quiet all the same.
      connection.seenAtMs = Date.now();
      return;
    }
    this.#host.event(() => this.#core.alive(connection, standingIn(text)));
  }

  /** For a session that reads here and writes elsewhere, or the other way round. */
  #answerNear({ session }: Connection, socket: WebSocket, text: string): void {
    const core = this.#core;
    if (text === NEAR_WHERE) {
      // Strangers are told nothing.
      socket.send(NEAR_MARK + (session.isAuthenticated ? positionText(core.position) : ""));
      return;
    }
    const ended = (verdict: Verdict): void => {
      if (verdict.at !== "wait") socket.send(verdict.at === "now" ? NEAR_NOW : NEAR_FORWARD);
    };
    this.#host.event(() => {
      const isReplica = core.role.kind === "replica" && session.blocked === undefined;
      const seen = parseSeen(text.slice(NEAR_MARK.length));
      const ask = { contract: { kind: "token" }, seen } as const;
      ended(
        isReplica ? core.reads.begin(session, ask, ended) : { at: "forward", why: "not-a-replica" },
      );
      core.schedule();
    });
  }
}

/**
 * No word that stands there is an extension, so nothing is compressed, which took more time at both ends
 * than all else they do with a message of short replies.
 */
const CHANNELS_HEADERS = {
  "sec-websocket-protocol": CHANNELS_PROTOCOL,
  "sec-websocket-extensions": "none",
};

function offersChannels({ headers }: Request): boolean {
  const offered = headers.get("sec-websocket-protocol")?.split(",") ?? [];
  return offered.some((protocol) => protocol.trim() === CHANNELS_PROTOCOL);
}

function settingsOf(env: Env, port: number): Record<string, string> {
  const password = env.REDIS_PASSWORD ?? "";
  const readToken = env.REDIS_READONLY_TOKEN ?? "";
  const contract = env.READ_CONTRACT ?? "";
  const readersContract = env.READ_CONTRACT_READONLY ?? "";
  return {
    port: String(port),
    // Nodes of one deployment share the password, so that a link by address finds it as well.
    ...(password === "" ? {} : { requirepass: password, masterauth: password }),
    ...(readToken === "" ? {} : { "rest-readonly-token": readToken }),
    ...(contract === "" ? {} : { "read-contract": contract }),
    ...(readersContract === "" ? {} : { "read-contract-readonly": readersContract }),
    // Sleeping saves what it costs to be awake: on one's own machine that is nothing.
    ...(env.LOOPBACK === "1" ? { "replica-idle-timeout": "0" } : {}),
    "protected-mode": env.LOOPBACK === "1" ? "no" : "yes",
  };
}
