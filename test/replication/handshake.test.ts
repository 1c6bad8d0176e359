import { describe, expect, it } from "vitest";
import { type Introduction, parsePsyncAnswer, plan } from "../../shared/replication/handshake.ts";

const US: Introduction = {
  user: "",
  password: "",
  port: 6380,
  announcedIp: "",
  wantsFrames: false,
};
const ID = "0123456789abcdef0123456789abcdef01234567";

const requests = (us: Partial<Introduction>) =>
  plan({ ...US, ...us }).map(({ request }) => request.join(" "));
const step = (name: string, us: Partial<Introduction> = {}) =>
  plan({ ...US, ...us }).find((candidate) => candidate.step.name === name)!.step;

describe("a replica introduces itself", () => {
  it("as Redis 7 does", () => {
    expect(requests({})).toEqual([
      "PING",
      "REPLCONF listening-port 6380",
      "REPLCONF capa eof capa psync2",
    ]);
  });

  it("with AUTH where there is a password, and the user where there is one", () => {
    expect(requests({ password: "pw" })[1]).toBe("AUTH pw");
    expect(requests({ password: "pw", user: "u" })[1]).toBe("AUTH u pw");
  });

  it("with its address and the wish for frames where it has them", () => {
    expect(requests({ announcedIp: "weur", wantsFrames: true }).slice(2)).toEqual([
      "REPLCONF ip-address weur",
      "REPLCONF capa eof capa psync2 capa antipode-frames",
    ]);
  });
});

describe("what a master may answer", () => {
  it("PING: a master that wants a password first is alive, any other error is not", () => {
    for (const line of ["+PONG", "-NOAUTH x", "-NOPERM x", "-ERR operation not permitted"]) {
      expect(step("ping").accepts(line)).toBe(true);
    }
    expect(step("ping").accepts("-LOADING x")).toBe(false);
  });

  it("AUTH: only success; REPLCONF: whatever an old master says", () => {
    expect(step("auth", { password: "x" }).accepts("-WRONGPASS x")).toBe(false);
    expect(step("auth", { password: "x" }).accepts("+OK")).toBe(true);
    expect(step("capa").accepts("-ERR Unrecognized REPLCONF option: capa")).toBe(true);
  });

  it.each([
    ["+CONTINUE", { kind: "continue", id: undefined, epoch: undefined }],
    [`+CONTINUE ${ID}`, { kind: "continue", id: ID, epoch: undefined }],
    [`+CONTINUE ${ID} 3`, { kind: "continue", id: ID, epoch: 3 }],
    [`+FULLRESYNC ${ID} 42`, { kind: "inline", id: ID, offset: 42 }],
    [`+SNAPSHOT ${ID} 42 3 pin`, { kind: "fetch", id: ID, offset: 42, epoch: 3, pin: "pin" }],
    ["-NOMASTERLINK not now", { kind: "later", why: "-NOMASTERLINK not now" }],
    ["+FULLRESYNC short 1", { kind: "later", why: "+FULLRESYNC short 1" }],
    [`+FULLRESYNC ${ID} x`, { kind: "later", why: `+FULLRESYNC ${ID} x` }],
  ])("PSYNC: %s", (line, answer) => expect(parsePsyncAnswer(line)).toEqual(answer));
});
