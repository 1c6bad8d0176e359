// A connection to redis-server whose answers wait to be taken: some commands bring none for a while.

import { connect } from "node:net";

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import type { Reply } from "../../shared/resp/reply.ts";

const ANSWER_MAX_MS = 3000;

export interface RedisClient {
  send(commands: readonly (readonly string[])[]): void;
  /** The next so many answers, or as many as came before the connection ended or time was up. */
  take(count: number): Promise<readonly Reply[]>;
  /** One command and its answer. */
  ask(...args: readonly string[]): Promise<Reply>;
  /** Answers that came and nobody took. */
  readonly surplus: readonly Reply[];
  close(): void;
}

export async function redisClient(port: number): Promise<RedisClient> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.setNoDelay();
  const decoder = new ReplyDecoder();
  let replies: Reply[] = [];
  let wake: () => void = () => {};
  let isEnded = false;
  const end = (): void => {
    isEnded = true;
    wake();
  };
  await new Promise<void>((done, fail) => {
    socket.once("connect", done);
    socket.once("error", fail);
  });
  socket.on("error", end);
  socket.on("close", end);
  socket.on("data", (bytes) => {
    decoder.push(toBinary(bytes));
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
      replies.push(reply);
    }
    wake();
  });

  const send = (commands: readonly (readonly string[])[]): void => {
    socket.write(fromBinary(commands.map((args) => encodeCommand(args)).join("")));
  };
  const take = async (count: number): Promise<readonly Reply[]> => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      wake();
    }, ANSWER_MAX_MS);
    while (replies.length < count && !isEnded && !isLate) {
      await new Promise<void>((done) => (wake = done));
    }
    clearTimeout(timer);
    const taken = replies.slice(0, count);
    replies = replies.slice(count);
    return taken;
  };
  return {
    send,
    take,
    ask: async (...args) => {
      send([args]);
      const [reply] = await take(1);
      if (reply === undefined) throw new Error(`redis-server does not answer ${args.join(" ")}`);
      return reply;
    },
    get surplus() {
      return replies;
    },
    close: () => void socket.destroy(),
  };
}
