// An engine on its own: a store in memory, ports that write down what they are given, and a clock that
// moves when it is told to.

import { seededRandom } from "../../shared/base/random.ts";
import type { Command } from "../../shared/engine/command.ts";
import { isOpen } from "../../shared/engine/commands/connection.ts";
import type { Effect } from "../../shared/engine/context.ts";
import { Engine, type EnginePorts } from "../../shared/engine/engine.ts";
import { call, lookUp } from "../../shared/engine/execute.ts";
import type { InfoSection } from "../../shared/engine/info.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import { Session } from "../../shared/engine/session.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { encodeReply } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { NIL_ARRAY, type Reply, ReplyError } from "../../shared/resp/reply.ts";
import type { Place } from "./transcript.ts";
import { luaModules } from "./lua.ts";

/** A moment in 2026; tests that compare with a real clock give their own. */
const START_MS = 1_790_000_000_000;

/** An EnginePorts.role that a test changes as it likes. */
export interface FakeRole {
  isReplica: boolean;
  isLinkUp: boolean;
  goodReplicaCount: number;
  offset: number;
}

export interface EngineHarness {
  readonly engine: Engine;
  readonly store: MemoryStore;
  readonly role: FakeRole;
  /** What was propagated: one list for each command or transaction. */
  readonly units: (readonly Effect[])[];
  /** What sessions were sent besides replies. */
  readonly pushed: { readonly session: Session; readonly reply: Reply }[];
  connect(): EngineClient;
  /** Runs a command line on a connection of the harness's own. */
  run(line: string): Reply;
  /** Replays a command as a master's stream would. */
  replay(...args: readonly string[]): Reply;
  turn(ms: number): void;
  /** Writes everything to the store's base, and forgets it where `isForgetting`. */
  checkpoint(options?: { isForgetting?: boolean }): void;
}

export interface EngineClient {
  readonly session: Session;
  send(args: readonly string[]): Reply;
  /** The next of `pushed` that is for this session. */
  hear(): Reply;
}

export interface HarnessOptions {
  readonly commands?: readonly Command[];
  readonly nowMs?: number;
  readonly info?: readonly InfoSection[];
  /** Ports in place of the harness's own. */
  readonly ports?: Partial<EnginePorts>;
}

export function engineHarness(options: HarnessOptions = {}): EngineHarness {
  const { commands = ENGINE_COMMANDS, info = [], nowMs = START_MS } = options;
  const store = new MemoryStore();
  const role = { isReplica: false, isLinkUp: true, goodReplicaCount: 0, offset: 0 };
  const units: (readonly Effect[])[] = [];
  const pushed: { session: Session; reply: Reply }[] = [];
  const ports = {
    store,
    role,
    random: seededRandom(1),
    propagate: (effects: readonly Effect[]) => {
      units.push([...effects]);
      role.offset += 1;
    },
    push: (session: Session, reply: Reply) => void pushed.push({ session, reply }),
    unblock: (session: Session, reply: Reply = NIL_ARRAY) => {
      engine.endWait(session);
      pushed.push({ session, reply });
    },
    close: (session: Session) => engine.closeSession(session),
    checkpoint: () => engine.keyspace.checkpoint({}),
    refresh: () => engine.keyspace.checkpoint({}) >= 0,
    reload: () => {},
    lua: luaModules,
    clockUs: () => 0,
    platform: {},
    ...options.ports,
  };
  const engine: Engine = new Engine(ports, { commands, info }, { nowMs });

  const connect = (): EngineClient => {
    const session = engine.openSession();
    session.isAuthenticated = isOpen(engine);
    let heard = 0;
    return {
      session,
      send: (args) => {
        const reply = engine.run(session, args);
        engine.tracking.replied(session);
        engine.tracking.broadcast();
        return reply;
      },
      hear: () => {
        while (heard < pushed.length) {
          const { session: to, reply } = pushed[heard++]!;
          if (to === session) return reply;
        }
        throw new Error("nothing was sent");
      },
    };
  };
  const own = connect();
  const replayed = engine.context(new Session(0, nowMs));
  replayed.isReplay = true;
  return {
    engine,
    store,
    role,
    units,
    pushed,
    connect,
    run: (line) => own.send(line.split(" ")),
    replay: (...args) => {
      replayed.nowMs = engine.nowMs;
      const command = lookUp(replayed, args);
      return command instanceof ReplyError ? command : call(replayed, command, args);
    },
    turn: (ms) => void (engine.nowMs += ms),
    checkpoint: ({ isForgetting = false } = {}) => {
      engine.keyspace.checkpoint({});
      if (isForgetting) engine.keyspace.shrink(0);
    },
  };
}

/** The engine as a place to tell stories. */
export function enginePlace(options: HarnessOptions = {}): Place {
  const harness = engineHarness(options);
  return {
    connect: () => throughCodec(harness.connect()),
    turn: harness.turn,
    close: () => {},
  };
}

/** Replies as a client at the end of a wire sees them. */
export function throughCodec({ session, send, hear }: EngineClient): EngineClient {
  const decoder = new ReplyDecoder();
  // A command may have several replies: the first is its answer.
  const further: Reply[] = [];
  return {
    session,
    hear: () => {
      if (further.length > 0) return further.shift()!;
      decoder.push(encodeReply(hear(), session.protocol));
      return decoder.next()!;
    },
    send: (args) => {
      decoder.push(encodeReply(send(args), session.protocol));
      const reply = decoder.next();
      for (let more = decoder.next(); more !== undefined; more = decoder.next()) further.push(more);
      if (reply === undefined) throw new Error(`no answer to ${args.join(" ")}`);
      return reply;
    },
  };
}
