/** Requests that come as calls and not over a socket (REST): a connection of their own, for one call. */
import { binaryToUtf8, fromBinary, toBinary } from "../../shared/base/bytes.ts";
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

/** A call between the Worker and a node carries 32 MiB, with its frame; so does its answer. */
export const CALL_BYTES_MAX = 32 * 1024 * 1024 - 4096;

export function tooLarge(byteCount: number): string {
  return `ERR max request size exceeded. Limit: ${CALL_BYTES_MAX} bytes, Actual: ${byteCount} bytes`;
}

/**
 * What makes no sense in a call that is a connection of its own, or would never be answered, or by
 * messages. A script's or a transaction's own way in is another path.
 */
const NOT_OVER_REST = new Set([
  ..."auth discard exec hello monitor multi psync quit replconf reset sync unwatch watch".split(" "),
  ..."psubscribe punsubscribe ssubscribe subscribe sunsubscribe unsubscribe".split(" "),
]);

function refusalOf(args: readonly string[]): ReplyError | undefined {
  const name = args[0]!.toLowerCase();
  const isReplyMode = name === "client" && args[1]?.toLowerCase() === "reply";
  if (!isReplyMode && !NOT_OVER_REST.has(name)) return undefined;
  const shown = args[0]!.toUpperCase();
  return new ReplyError(
    `ERR Command "${shown}" is not allowed in REST or it has a special context path`,
  );
}

type Outcome = { readonly result: Json } | { readonly error: string };

/** Runs requests in order, as one client would, and answers when all have. */
export async function runRequests(
  { host, core }: { host: PlatformHost; core: NodeCore },
  requests: readonly (readonly string[])[],
  options: CallOptions,
): Promise<CallAnswer> {
  const admission = admit(core.engine, options.password);
  if (admission !== "admitted") return { admission, body: "", isError: true };
  const replies = await allowed(requests, (asked) => ask({ host, core }, asked), options.shape);
  const answer = SHAPES[options.shape](replies, (reply) => outcome(reply, options));
  const body = JSON.stringify(answer);
  // A text of one-byte characters is carried as such, any other at two bytes each.
  const byteCount = /[\u0100-\uffff]/.test(body) ? body.length * 2 : body.length;
  if (byteCount <= CALL_BYTES_MAX) return { admission, body, isError: "error" in answer };
  return { admission, body: JSON.stringify({ error: tooLarge(byteCount) }), isError: true };
}

/** Asks what may be asked and answers the rest; a transaction is asked as a whole or not at all. */
async function allowed(
  requests: readonly (readonly string[])[],
  askThem: (requests: readonly (readonly string[])[]) => Promise<Reply[]>,
  shape: CallOptions["shape"],
): Promise<Reply[]> {
  const refusals = requests.map(refusalOf);
  if (shape === "transaction") {
    const refusal = refusals.find((why) => why !== undefined);
    return refusal === undefined ? await askThem([["MULTI"], ...requests, ["EXEC"]]) : [refusal];
  }
  const replies = await askThem(requests.filter((_args, i) => refusals[i] === undefined));
  let next = 0;
  return refusals.map((refusal) => refusal ?? replies[next++]!);
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

const CALL_TIMEOUT_MS = 30_000;

function ask(
  { host, core }: { host: PlatformHost; core: NodeCore },
  requests: readonly (readonly string[])[],
): Promise<Reply[]> {
  if (requests.length === 0) return Promise.resolve([]);
  return new Promise((resolve) => {
    const decoder = new ReplyDecoder();
    const replies: Reply[] = [];
    let byteCount = 0;
    const finish = (why = "ERR connection closed"): void => {
      clearTimeout(timer);
      while (replies.length < requests.length) replies.push(new ReplyError(why));
      host.closedByPeer(connection);
      resolve(replies);
    };
    const connection = host.event(() =>
      core.open({ kind: "bytes", isTrusted: true, address: "rest:0", localAddress: "" }),
    );
    host.adopt(connection, {
      write: (bytes) => {
        connection.unsentBytes = 0;
        byteCount += bytes.byteLength;
        // The answer could not be carried; no need to collect the rest of it.
        if (byteCount > 2 * CALL_BYTES_MAX) {
          queueMicrotask(() => finish(tooLarge(byteCount)));
          return;
        }
        decoder.push(toBinary(bytes));
        for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
          replies.push(reply);
        }
        // Not within the core's own call: it may still have something to say to this connection.
        if (replies.length >= requests.length) queueMicrotask(() => finish());
      },
      probe: () => undefined,
      close: () => queueMicrotask(() => finish()),
    });
    // Nobody tells us when a caller has gone: one that waits for ever must not keep its place for ever.
    const timer = setTimeout(() => finish("ERR timed out"), CALL_TIMEOUT_MS);
    const bytes = requests.map((args) => encodeCommand(args)).join("");
    host.event(() => core.receive(connection, fromBinary(bytes)));
  });
}

function outcome(reply: Reply, options: CallOptions): Outcome {
  if (reply instanceof ReplyError) return { error: binaryToUtf8(reply.text) };
  return { result: replyToJson(reply, options) };
}
