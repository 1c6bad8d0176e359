// Who is served when, on a node in the test's hands. test/net/blocking.test.ts tells redis-server the same.

import { describe, expect, it } from "vitest";

import { fromBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { nodeScene } from "../blocking/node-scene.ts";
import { perform, programs } from "../blocking/programs.ts";
import { startNode, TCP } from "../support/node.ts";

describe("clients that wait for keys", () => {
  it.each(programs())("%s", async (_title, program) => {
    expect(await perform(program, nodeScene())).toEqual(program.lines);
  });
});

describe("a client that waits for a key", () => {
  it("is answered once what served it is durable", () => {
    const node = startNode();
    const [a, b] = [node.open(), node.open()];
    node.say(a, "BLPOP l 0");
    node.core.receive(b, fromBinary(encodeCommand(["RPUSH", "l", "1"])));
    expect([node.heard(a), node.heard(b)]).toEqual(["", ""]);
    node.core.commit();
    expect([node.heard(a), node.heard(b)]).toEqual(["*2\r\n$1\r\nl\r\n$1\r\n1\r\n", ":1\r\n"]);
    expect(node.log()).toMatch(/RPUSH[^]*LPOP/);
    expect(node.log()).not.toContain("MULTI");
  });

  it("hears a nil array when its time is up, to the millisecond", () => {
    const node = startNode();
    const client = node.open();
    for (const line of ["BLPOP l 0.25", "BLMOVE l m LEFT LEFT 0.25", "BLMPOP 0.25 1 l LEFT"]) {
      node.say(client, line);
      node.turn(249);
      expect(node.heard(client)).toBe("");
      node.turn(1);
      expect(node.heard(client)).toBe("*-1\r\n");
    }
    node.say(client, "HELLO 3");
    node.say(client, "BLMOVE l m LEFT LEFT 0.25");
    node.turn(250);
    expect(node.heard(client)).toBe("_\r\n");
  });

  it("hears nil of BLMOVE and a nil array of BLPOP in a transaction", () => {
    const node = startNode();
    const answer = node.say(node.open(), "MULTI", "BLMOVE l m LEFT LEFT 0", "BLPOP l 0", "EXEC");
    expect(answer).toContain("*2\r\n$-1\r\n*-1\r\n");
  });

  it("waits for ever where the time is longer than anyone lives", () => {
    const node = startNode();
    const client = node.open();
    node.say(client, "BLPOP l 9223372036854775");
    expect(client.session.blocked?.untilMs).toBe(0);
  });

  it("gives up in time where others with less time were served before", () => {
    const node = startNode();
    const clients = Array.from({ length: 3 }, (_, i) => {
      const client = node.open();
      node.say(client, `BLPOP l ${i + 1}`);
      return client;
    });
    expect(node.core.blocking.nextTickMs).toBe(node.world.nowMs + 1000);
    node.say(node.open(), "RPUSH l 1 2");
    node.turn(2500);
    expect(node.heard(clients[2]!)).toBe("");
    node.turn(500);
    expect(node.heard(clients[2]!)).toBe("*-1\r\n");
    expect(node.core.blocking.nextTickMs).toBe(Infinity);
  });

  it("is served by what its node's master sends", () => {
    const node = startNode();
    const [reader, other] = [node.open(), node.open()];
    node.say(other, "REPLICAOF 127.0.0.1 1");
    const link = node.core.dialled(node.world.attempt, TCP, () => {})!;
    const hear = (text: string) => node.core.receive(link, fromBinary(text));
    for (const line of ["+PONG", "+OK", "+OK", `+CONTINUE ${"a".repeat(40)}`]) hear(`${line}\r\n`);
    expect(node.say(reader, "XREAD BLOCK 0 STREAMS s $")).toBe("");
    const commands = [["SELECT", "0"], ["MULTI"], ["XADD", "s", "1-1", "f", "v"], ["EXEC"]];
    hear(commands.map((args) => encodeCommand(args)).join(""));
    node.core.commit();
    expect(node.heard(reader)).toContain("$3\r\n1-1\r\n");
  });
});
