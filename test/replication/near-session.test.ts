import { describe, expect, it } from "vitest";
import { seededRandom } from "../../shared/base/random.ts";
import { Registry } from "../../shared/engine/registry.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { NearSession } from "../../shared/replication/near-session.ts";
import { Decoder, defaultLimits } from "../../shared/resp/decoder.ts";
import { encodeCommand, encodeReply } from "../../shared/resp/encoder.ts";
import { OK, type Reply, ReplyError } from "../../shared/resp/reply.ts";

/** As a script may return it. */
const NESTED = Array.from({ length: 900 }).reduce<Reply>((inner) => [inner], "deep");
const COMMANDS = new Registry(ENGINE_COMMANDS);

/** A server that knows SET, GET and little else; a replica has the writes of the log it has read. */
class Server {
  readonly log: (readonly [key: string, value: string])[];
  /** How much of the log is here. */
  offset = 0;
  readonly ran: string[] = [];
  readonly #decoder = new Decoder(defaultLimits());
  isLettingIn = true;
  /** What EVAL answers. */
  error = "ERR";

  constructor(log: (readonly [string, string])[]) {
    this.log = log;
  }

  run(bytes: string): string {
    this.#decoder.push(bytes);
    let replies = "";
    for (let args = this.#decoder.next(); args !== undefined; args = this.#decoder.next()) {
      this.ran.push(args.join(" "));
      replies += encodeReply(this.#reply(args), 2);
    }
    return replies;
  }

  #reply([name, key, value]: readonly string[]): Reply {
    if (name === "SET") {
      this.log.push([key!, value!]);
      this.offset = this.log.length;
      return OK;
    }
    if (name === "EVAL") return new ReplyError(this.error);
    if (name === "LRANGE") return NESTED;
    if (name === "AUTH" && !this.isLettingIn) return new ReplyError("WRONGPASS no");
    if (name !== "GET") return OK;
    const known = this.log.slice(0, this.offset).findLast(([other]) => other === key);
    return known?.[1] ?? null;
  }
}

/** A session with its two servers; nothing arrives anywhere until `turn` or `settle`. */
function open({ pick = () => 0 }: { pick?: (count: number) => number } = {}) {
  const log: (readonly [string, string])[] = [];
  const [master, near] = [new Server(log), new Server(log)];
  const events: { readonly line: string; readonly work: () => void }[] = [];
  const later = (line: string, work: () => void): void => void events.push({ line, work });
  const state = { heard: "", isClosed: false, isNearBehind: false };
  const session: NearSession = new NearSession(
    {
      toClient: (bytes) => void (state.heard += bytes),
      toMaster: (bytes) =>
        later("to master", () => {
          const replies = master.run(bytes);
          if (replies !== "") later("from master", () => session.fromMaster(replies));
        }),
      toNear: (bytes) =>
        later("to near", () => {
          const replies = near.run(bytes);
          const half = Math.floor(replies.length / 2);
          for (const part of [replies.slice(0, half), replies.slice(half)]) {
            later("from near", () => session.fromNear(part));
          }
        }),
      askMaster: () =>
        later("to master", () => {
          const offset = String(master.offset);
          later("from master", () => session.masterIsAt(offset));
        }),
      askNear: (position) =>
        later("to near", () => {
          const isFresh = !state.isNearBehind;
          if (isFresh) near.offset = Math.max(near.offset, Number(position));
          later("from near", () => session.nearIs(isFresh));
        }),
      close: () => void (state.isClosed = true),
    },
    COMMANDS,
  );
  /** One thing arrives: the first on any of the lines. */
  const turn = (): boolean => {
    const lines = [...new Set(events.map(({ line }) => line))];
    if (lines.length === 0) return false;
    const line = lines[pick(lines.length)]!;
    events
      .splice(
        events.findIndex((event) => event.line === line),
        1,
      )[0]!
      .work();
    return true;
  };
  const settle = (): void => {
    while (turn());
  };
  const say = (...lines: readonly string[]): string => {
    state.heard = "";
    session.receive(lines.map((line) => encodeCommand(line.split(" "))).join(""));
    settle();
    return state.heard;
  };
  return { master, near, state, session, say, turn, settle };
}

describe("a session with a replica next to it", () => {
  it("reads there and writes at the master, and is answered in order", () => {
    const { say, master, near } = open();
    expect(say("GET a", "SET a 1", "GET a", "GET a")).toBe("$-1\r\n+OK\r\n$1\r\n1\r\n$1\r\n1\r\n");
    expect(master.ran).toEqual(["SET a 1"]);
    expect(near.ran).toEqual(["GET a", "GET a", "GET a"]);
  });

  it("reads at the master while the replica is behind, and there again once it is not", () => {
    const { say, near, master, state } = open();
    state.isNearBehind = true;
    expect(say("SET a 1", "GET a")).toBe("+OK\r\n$1\r\n1\r\n");
    expect(master.ran).toEqual(["SET a 1", "GET a"]);
    state.isNearBehind = false;
    expect(say("GET a")).toBe("$1\r\n1\r\n");
    expect(near.ran).toEqual(["GET a"]);
  });

  it("takes a reply of any depth and a line of any length", () => {
    const { say, master } = open();
    expect(say("LRANGE a 0 0", "GET a")).toBe(`${encodeReply(NESTED, 2)}$-1\r\n`);
    const line = "x".repeat(2_000_000);
    master.error = line;
    expect(say("EVAL x 0", "GET a")).toBe(`-${line}\r\n$-1\r\n`);
  });

  it("has a whole transaction at the master, and what it watches", () => {
    const { say, master, near } = open();
    say("WATCH a", "GET a", "MULTI", "GET a", "EXEC", "GET a");
    expect(master.ran).toEqual(["WATCH a", "GET a", "MULTI", "GET a", "EXEC"]);
    expect(near.ran).toEqual(["GET a"]);
  });

  it("is the same at both: password, database, name, protocol", () => {
    const { say, master, near } = open();
    expect(say("AUTH pw", "SELECT 3", "CLIENT SETNAME me")).toBe("+OK\r\n".repeat(3));
    expect(near.ran).toEqual(master.ran);
  });

  it("stays with the master where the replica does not let it in", () => {
    const { say, near, master } = open();
    near.isLettingIn = false;
    expect(say("AUTH pw", "GET a")).toBe("+OK\r\n$-1\r\n");
    expect(master.ran).toEqual(["AUTH pw", "GET a"]);
  });

  it("is all the master's once replies do not follow requests any more", () => {
    for (const line of ["SUBSCRIBE c", "MONITOR", "CLIENT REPLY OFF", "PSYNC ? -1"]) {
      const { say, near, master, session, settle } = open();
      say(line, "GET a");
      session.receive("*2\r\n$3\r\nGET\r\n");
      session.receive("$1\r\na\r\n");
      settle();
      expect(master.ran).toEqual([line, "GET a", "GET a"]);
      expect(near.ran).toEqual([]);
    }
  });

  it("is all the master's where a transaction changes what the session is", () => {
    const { say, near, master } = open();
    say("MULTI", "SELECT 1", "EXEC", "GET a");
    expect(master.ran).toEqual(["MULTI", "SELECT 1", "EXEC", "GET a"]);
    expect(near.ran).toEqual([]);
  });

  it("loses nothing with its replica: what was not answered the master answers", () => {
    const { say, session, turn, settle, state } = open();
    say("SET a 1", "GET a");
    state.heard = "";
    session.receive(encodeCommand(["GET", "a"]).repeat(2));
    // The request is there, half of the answer is back.
    turn();
    turn();
    session.nearLost();
    settle();
    expect(state.heard).toBe("$1\r\n1\r\n".repeat(2));
  });

  it("answers what is no request, and ends", () => {
    const { session, state } = open();
    session.receive("*1\r\n+oops\r\n");
    expect(state.heard).toMatch(/^-ERR Protocol error/);
    expect(state.isClosed).toBe(true);
  });

  it("sees the same as on one server, whatever comes when", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seededRandom(seed);
      const pick = (count: number): number => Math.floor(random.next() * count);
      const { session, state, turn, settle } = open({ pick });
      const alone = new Server([]);
      let wanted = "";
      for (let i = 0; i < 60; i++) {
        const key = "abc"[pick(3)]!;
        const args = [
          ["GET", key],
          ["GET", key],
          ["SET", key, String(i)],
          ["SELECT", "0"],
        ][pick(4)]!;
        wanted += alone.run(encodeCommand(args));
        session.receive(encodeCommand(args));
        state.isNearBehind = pick(3) === 0;
        if (pick(200) === 0) session.nearLost();
        for (let steps = pick(4); steps > 0; steps--) turn();
      }
      settle();
      expect(state.heard).toBe(wanted);
    }
  });
});
