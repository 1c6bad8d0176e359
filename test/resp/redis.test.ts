// The protocol is what redis-server speaks: the same streams go there and through our decoder, and
// the answers are compared byte by byte.

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { Decoder, ProtocolError, defaultLimits } from "../../shared/resp/decoder.ts";
import { encodeCommand, encodeReply } from "../../shared/resp/encoder.ts";
import { PONG, type Reply, ReplyError } from "../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { type Redis, hasRedis, startRedis } from "../support/redis.ts";
import { ask } from "./support/ask.ts";

const PING = "*1\r\n$4\r\nPING\r\n";
const LONG = "x".repeat(64 * 1024);
const RANDOM_STREAMS = 400;

/** What both sides can answer; all other commands are the same unknown one. */
function answer(args: readonly string[]): Reply {
  const name = args[0]?.toLowerCase();
  if (name === "ping" && args.length === 1) return PONG;
  if ((name === "ping" || name === "echo") && args.length === 2) return args[1]!;
  return new ReplyError("?");
}

function answerAll(stream: string, isAuthenticated: boolean): string {
  const decoder = new Decoder({ ...defaultLimits(), isAuthenticated });
  let answers = "";
  decoder.push(stream);
  try {
    for (let args; (args = decoder.next()) !== undefined;) {
      const noAuth = new ReplyError("NOAUTH Authentication required.");
      answers += encodeReply(isAuthenticated ? answer(args) : noAuth, 2);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    answers += encodeReply(new ReplyError(error.text), 2);
  }
  return answers;
}

function withoutNames(answers: string): string {
  return answers.replace(/-ERR (unknown command|wrong number)[^\r]*\r\n/g, "-?\r\n");
}

describe.skipIf(!hasRedis)("beside redis-server", { timeout: 30_000 }, () => {
  let redis: Redis;

  beforeAll(async () => {
    redis = await startRedis({ "proto-max-bulk-len": "32mb", "enable-debug-command": "yes" });
  }, 30_000);

  afterAll(() => redis.stop());

  const STREAMS = [
    ["*-1\r\n", "*0\r\n", "*00\r\n", "*-0\r\n", "*-5\r\n", "*-9223372036854775808\r\n"],
    ["*-9223372036854775809\r\n", "*\r\n", "*x\r\n", "*+1\r\n", "* 1\r\n", "*01\r\n"],
    ["*1048576\r\n$x\r\n", "*2147483648\r\n$x\r\n", "*1\r\nfoo\r\n", "*1\r\n\r\n", "*1\r\n\n"],
    ["*1\r\n$-1\r\n", "*1\r\n$\r\n", "*1\r\n$33554432\r\n", "*1\r\n$33554433\r\n"],
    ["*1\r\n$04\r\nPING\r\n", "*1\r\n$4\r\nPINGxx", "*1\rx$4\rxPING\r\n", "*1\n$4\nPING\n"],
    ["*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", "\r\n", "\n", "  \r\n", "PING\n", "PING\r\n", "PING\r\r\n"],
    ['ECHO "a\\x41\\n\\t\\q\\x4"\r\n', "ECHO 'a\\'b\\n'\r\n", 'ECHO "a"b\r\n', 'ECHO "a\r\n'],
    ['ECHO a"b c"\r\n', "ECHO a'b'\r\n", 'ECHO ""\r\n', "ECHO a\vb\r\n", "\vECHO \f ab\r\n"],
    ['ECHO "a"\vb\r\n', 'ECHO "a\\\r\n', 'ECHO "\\""\r\n', "ECHO \xff\r\n", '"ECHO" b\r\n'],
    [LONG, `${LONG}x`, `*${LONG}`, `*1\r\n$${LONG}`],
  ].flat();

  test.each(STREAMS)("%.20j is answered the same", async (stream) => {
    const request = PING + stream + (stream.length < LONG.length ? PING : "");
    expect(answerAll(request, true)).toBe(withoutNames(await ask(redis.port, request)));
  });

  const PARTS = [
    ["*", "$", "\r\n", "\r", "\n", "1", "2", "4", "PING", "ECHO", "a", " ", '"', "'", "\\"],
    ["\\x41", "-1", "0", "\t", PING, "*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n", "*1\r\n$4\r\n"],
  ].flat();

  test("random streams are answered the same", async () => {
    const random = seededRandom(11);
    for (let i = 0; i < RANDOM_STREAMS; i++) {
      let stream = "";
      for (let left = 1 + random.next() * 10; left > 0; left--) {
        stream += PARTS[Math.floor(random.next() * PARTS.length)];
      }
      const expected = withoutNames(await ask(redis.port, stream));
      expect([stream, answerAll(stream, true)]).toEqual([stream, expected]);
    }
  });

  const KINDS = [
    ["string", "integer", "double", "null", "array", "set", "map", "verbatim", "true", "false"],
    ["bignum", "push"],
  ].flat();

  test.each(KINDS)("a reply of the kind %s is read, and written as it was", async (kind) => {
    for (const protocol of [2, 3] as const) {
      const hello = encodeCommand(["HELLO", String(protocol)]);
      const replies = await ask(redis.port, hello + encodeCommand(["DEBUG", "PROTOCOL", kind]));
      const decoder = new ReplyDecoder();
      decoder.push(replies);
      let again = "";
      for (let reply; (reply = decoder.next()) !== undefined;) {
        again += encodeReply(reply, protocol);
      }
      expect(again).toBe(replies);
      expect(decoder.bufferedBytes).toBe(0);
    }
  });

  test("streams before AUTH are answered the same", async () => {
    await ask(redis.port, encodeCommand(["CONFIG", "SET", "requirepass", "secret"]));
    for (const stream of ["*11\r\n", "*10\r\n$16385\r\n", "*10\r\n$16384\r\n", "PING\r\n*11\r\n"]) {
      expect(answerAll(stream, false)).toBe(await ask(redis.port, stream));
    }
  });
});
