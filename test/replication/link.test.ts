import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBinary } from "../../shared/base/bytes.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { Session } from "../../shared/engine/session.ts";
import { ApplyError } from "../../shared/replication/apply.ts";
import { Connection } from "../../shared/replication/connection.ts";
import { encodeFrame } from "../../shared/replication/frame.ts";
import type { Host } from "../../shared/replication/host.ts";
import { Link } from "../../shared/replication/link.ts";
import { type LinkPorts, MOVES } from "../../shared/replication/link-state.ts";
import type { Loading } from "../../shared/replication/loading.ts";
import { encodeSnapshotFrame } from "../../shared/replication/snapshot-frame.ts";
import { defaultLimits } from "../../shared/resp/decoder.ts";

const ID = "0123456789abcdef0123456789abcdef01234567";
const SETTINGS: Readonly<Record<string, number>> = {
  "repl-timeout": 60,
  "repl-ping-replica-period": 10,
  "repl-reconnect-max-ms": 10_000,
};

/** What a master may say, and what none would. */
const LINES = [
  "+PONG",
  "+OK",
  "-ERR no",
  `+CONTINUE ${ID} 1`,
  `+CONTINUE ${ID}`,
  "junk",
  `+FULLRESYNC ${ID} 3`,
  `+SNAPSHOT ${ID} 3 1 pin`,
  "$EOF:x",
  `$EOF:${ID}`,
  "$12",
  "bad",
];

/** A link with a host that only notes what it is asked. */
function open() {
  const states: string[] = [];
  const attempts: number[] = [];
  const said: string[] = [];
  const applied: string[] = [];
  const loaded: number[] = [];
  const world = { nowMs: 1_000_000, offset: 7 };
  const host = {
    random: seededRandom(1),
    send: (_: Connection, bytes: Uint8Array) =>
      void said.push(Buffer.from(bytes).toString("latin1")),
    close: () => undefined,
    probe: () => undefined,
    dial: (_: unknown, attempt: number) => void attempts.push(attempt),
    fetchSnapshot: () => undefined,
    wakeAt: () => undefined,
    log: (event: string, fields: Record<string, unknown>) => {
      if (event === "link") states.push(`${String(fields["from"])}>${String(fields["to"])}`);
    },
  } as unknown as Host;
  const ports: LinkPorts = {
    host,
    nowMs: () => world.nowMs,
    number: (setting) => SETTINGS[setting]!,
    introduction: () => ({ user: "", password: "", port: 1, announcedIp: "", wantsFrames: true }),
    position: () => ({ id: ID, offset: world.offset }),
    settle: () => undefined,
    durableOffset: () => world.offset,
    epochMin: () => 1,
    continued: () => undefined,
    startLoading: () => {
      const loading = {
        isComplete: false,
        push: (bytes: string) => (loading.isComplete = bytes === "all"),
      };
      return loading as unknown as Loading;
    },
    loaded: () => void loaded.push(world.offset),
    abandoned: () => undefined,
    isWaiting: () => false,
    apply: (bytes) => {
      if (bytes.includes("bad")) throw new ApplyError("cannot apply bad");
      applied.push(bytes);
      world.offset += bytes.length;
    },
    hangUp: () => undefined,
    rollback: () => undefined,
  };
  const link = new Link(ports);
  const events = {
    dialled: () => void link.dialled(attempts.at(-1) ?? 0, connectionOf()),
    late: () => void link.dialled(-1, connectionOf()),
    dialFailed: () => link.dialFailed(attempts.at(-1) ?? 0, "refused"),
    closed: () => link.closed(),
    tick: () => {
      world.nowMs += 20_000;
      link.tick();
    },
    now: () => link.tick(),
    line: (text: string) => link.receive(fromBinary(`${text}\r\n`)),
    frame: (offset: number, text = "x", epoch = 1) =>
      link.receive(encodeFrame({ epoch, offset, bytes: fromBinary(text) })),
    snapshot: () => void link.snapshotBytes(attempts.at(-1) ?? 0, fromBinary("junk")),
    snapshotEnded: (why?: string) => link.snapshotEnded(attempts.at(-1) ?? 0, why),
  };
  return { link, world, states, said, applied, loaded, attempts, ...events };
}

/** Brings a link to streaming, frames or not. */
function streaming(answer: string) {
  const it = open();
  it.link.start({ kind: "node", name: "master" });
  return { ...it, greet: () => greet(it, answer) };
}

function greet(it: ReturnType<typeof open>, answer: string): void {
  it.link.dialled(it.attempts.at(-1)!, connectionOf());
  for (const line of ["+PONG", "+OK", "+OK"]) it.line(line);
  it.line(answer);
}

function connectionOf(): Connection {
  const transport = { kind: "messages", isTrusted: true, address: "", localAddress: "" } as const;
  return new Connection(new Session(1, 0), transport, defaultLimits());
}

describe("a link", () => {
  it("greets in one write, asks from where it is, and streams", () => {
    const it = streaming(`+CONTINUE ${ID} 1`);
    it.greet();
    expect(it.link.state.at).toBe("streaming");
    expect(it.said[0]).toContain("PING");
    expect(it.said[0]).toContain("REPLCONF");
    expect(it.said[1]).toContain(`PSYNC\r\n$40\r\n${ID}\r\n$1\r\n8\r\n`);
  });

  it("takes frames in order, and goes down at a gap, a repetition or another election", () => {
    for (const wrong of [
      [9, 1],
      [7, 1],
      [8, 2],
    ] as const) {
      const it = streaming(`+CONTINUE ${ID} 1`);
      it.greet();
      it.frame(7);
      expect(it.applied).toEqual(["x"]);
      it.frame(wrong[0], "y", wrong[1]);
      expect(it.link.state.at).toBe("down");
      expect(it.applied).toEqual(["x"]);
    }
  });

  it("does not follow a master of an older election", () => {
    const it = streaming(`+CONTINUE ${ID} 0`);
    it.greet();
    expect(it.link.state).toMatchObject({ at: "down", why: "deposed-master" });
  });

  it("goes down with the reason when it cannot apply, and comes back", () => {
    const it = streaming(`+CONTINUE ${ID} 1`);
    it.greet();
    it.frame(7, "bad");
    expect(it.link.state).toMatchObject({ at: "down", why: "cannot apply bad" });
    it.tick();
    expect(it.link.state.at).toBe("dialling");
  });

  it("takes a snapshot with its last frame for whole, also when the transfer then ends badly", () => {
    for (const why of [undefined, "cut", "gone"]) {
      const it = streaming(`+SNAPSHOT ${ID} 3 1 pin`);
      it.greet();
      const frame = encodeSnapshotFrame({ cursor: "", bytes: "all" });
      it.link.snapshotBytes(it.attempts.at(-1)!, fromBinary(frame));
      it.snapshotEnded(why);
      expect(it.loaded).toHaveLength(1);
      expect(it.link.state.at).toBe("asking");
    }
  });

  it("waits longer from failure to failure, up to its limit", () => {
    const it = open();
    it.link.start({ kind: "node", name: "master" });
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      it.dialFailed();
      const { state } = it.link;
      waits.push(state.at === "down" ? state.retryAtMs - it.world.nowMs : -1);
      it.tick();
    }
    expect(waits[0]).toBe(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_500);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(10_000);
  });

  it("goes down when a master is silent for repl-timeout", () => {
    const it = streaming(`+CONTINUE ${ID} 1`);
    it.greet();
    for (let i = 0; i < 3; i++) it.tick();
    expect(it.link.state).toMatchObject({ at: "down", why: "timeout" });
  });

  it("makes only the moves of its table, whatever happens in whatever state", () => {
    const event = fc.oneof(
      fc.constantFrom("dialled", "late", "dialFailed", "closed", "tick", "now", "snapshot"),
      fc.constantFrom(...LINES).map((line) => ({ line })),
      fc.constantFrom("gone", "cut", undefined).map((why) => ({ why })),
      fc.nat({ max: 9 }).map((offset) => ({ offset })),
    );
    const legal = new Set(
      Object.entries(MOVES).flatMap(([from, to]) => to.map((state) => `${from}>${state}`)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (list) => {
        const it = open();
        it.link.start({ kind: "node", name: "master" });
        for (const one of list) {
          // Nothing comes from a peer while there is none.
          const hasPeer = it.link.connection !== undefined;
          if (typeof one === "string") {
            if (one !== "closed" || hasPeer) it[one as "tick"]();
          } else if ("why" in one) it.snapshotEnded(one.why);
          else if (!hasPeer) continue;
          else if ("line" in one) it.line(one.line);
          else it.frame(one.offset);
        }
        expect(it.states.filter((move) => !legal.has(move))).toEqual([]);
        it.link.stop("enough");
        expect(it.link.state.at).toBe("down");
      }),
      { numRuns: 500 },
    );
  });
});
