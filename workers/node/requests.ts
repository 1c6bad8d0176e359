/** Requests that come as calls and not over a socket (REST): a connection of their own, for one call. */
import { binaryToUtf8, fromBinary, toBinary, utf8ToBinary } from "../../shared/base/bytes.ts";
import { admit, type Admission } from "../../shared/replication/admission.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { type Json, replyToJson } from "../../shared/resp/json.ts";
import { type Reply, ReplyError } from "../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import type { PlatformHost } from "./platform-host.ts";

export interface CallOptions {
  /** What the caller offers as password; undefined: nothing. */
  readonly password: string | undefined;
  /** Strings as base64, as `Upstash-Encoding: base64` asks. */
  readonly base64: boolean;
  /** One command's outcome, a list of outcomes, or the outcomes of a MULTI … EXEC. */
  readonly shape: "one" | "many" | "transaction";
}

export interface CallAnswer {
  readonly admission: Admission;
  /** JSON text: `{ result }` or `{ error }`, or a list of them. */
  readonly body: string;
  /** The body is one `{ error }`. */
  readonly isError: boolean;
}

type Outcome = { readonly result: Json } | { readonly error: string };

/** Runs requests (texts, sent as UTF-8) in order, as one client would, and answers when all have. */
export async function runRequests(
  { host, core }: { host: PlatformHost; core: NodeCore },
  requests: readonly (readonly string[])[],
  options: CallOptions,
): Promise<CallAnswer> {
  const admission = admit(core.engine, options.password);
  if (admission !== "admitted") return { admission, body: "", isError: true };
  const replies = await ask({ host, core }, requests);
  const answer = SHAPES[options.shape](replies, (reply) => outcome(reply, options));
  return { admission, body: JSON.stringify(answer), isError: "error" in answer };
}

type Shape = (
  replies: readonly Reply[],
  toOutcome: (reply: Reply) => Outcome,
) => Outcome | readonly Outcome[];

const SHAPES: Readonly<Record<CallOptions["shape"], Shape>> = {
  one: (replies, toOutcome) => toOutcome(replies[0]!),
  many: (replies, toOutcome) => replies.map(toOutcome),
  transaction: (replies, toOutcome) => {
    const last = replies.at(-1)!;
    if (Array.isArray(last)) return (last as readonly Reply[]).map(toOutcome);
    // Why it was not run: the first command that was refused says it best.
    return toOutcome(replies.find((reply) => reply instanceof ReplyError) ?? last);
  },
};

function ask(
  { host, core }: { host: PlatformHost; core: NodeCore },
  requests: readonly (readonly string[])[],
): Promise<Reply[]> {
  return new Promise((resolve) => {
    const decoder = new ReplyDecoder();
    const replies: Reply[] = [];
    const finish = (): void => {
      while (replies.length < requests.length) replies.push(new ReplyError("ERR connection closed"));
      host.closedByPeer(connection);
      resolve(replies);
    };
    const connection = host.event(() =>
      core.open({ kind: "bytes", isTrusted: true, address: "rest:0", localAddress: "" }),
    );
    host.adopt(connection, {
      write: (bytes) => {
        decoder.push(toBinary(bytes));
        for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
          replies.push(reply);
        }
        // Not within the core's own call: it may still have something to say to this connection.
        if (replies.length >= requests.length) queueMicrotask(finish);
      },
      probe: () => undefined,
      close: () => queueMicrotask(finish),
    });
    const bytes = requests.map((args) => encodeCommand(args.map(utf8ToBinary))).join("");
    host.event(() => core.receive(connection, fromBinary(bytes)));
  });
}

function outcome(reply: Reply, options: CallOptions): Outcome {
  if (reply instanceof ReplyError) return { error: binaryToUtf8(reply.text) };
  return { result: replyToJson(reply, options) };
}
