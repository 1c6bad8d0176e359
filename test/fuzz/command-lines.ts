// A node under command lines that nobody would write: every one is answered, once, in order, and nobody
// else notices.

import { strict as assert } from "node:assert";
import fc from "fast-check";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { commandLine } from "../support/command-lines.ts";
import { startNode } from "../support/node.ts";

/** These end the connection, hold it, change what an answer is, or have several. */
const OTHERWISE = new Set([
  ..."auth client discard exec hello monitor multi psync quit replconf reset sync wait watch".split(
    " ",
  ),
  ..."psubscribe punsubscribe ssubscribe subscribe sunsubscribe unsubscribe".split(" "),
]);

/** Throws when an answer is missing, is too many, or stands in the wrong place. */
export function fuzzCommandLines(seed: number): void {
  const [lines] = fc.sample(fc.array(commandLine, { minLength: 5, maxLength: 40 }), {
    seed,
    numRuns: 1,
  });
  const node = startNode();
  let [odd, usual] = [node.open(), node.open()];
  for (const [i, args] of lines!.entries()) {
    // CLIENT KILL may have been meant for them.
    if (node.ended.has(odd)) odd = node.open();
    if (node.ended.has(usual)) usual = node.open();
    const name = args[0]!.toLowerCase();
    if (OTHERWISE.has(name) || (name === "debug" && args[1]?.toLowerCase() === "sleep")) {
      node.send(node.open(), args);
    } else {
      const decoder = new ReplyDecoder();
      decoder.push(node.send(odd, args, ["ECHO", `mark ${i}`]));
      const replies = [decoder.next(), decoder.next(), decoder.next()];
      assert.notEqual(replies[0], undefined, `no answer to ${JSON.stringify(args)}`);
      assert.deepEqual(replies.slice(1), [`mark ${i}`, undefined], JSON.stringify(args));
    }
    node.core.engine.pause = undefined;
    node.send(node.open(), ["CONFIG", "SET", "requirepass", "", "maxclients", "10000"]);
    const answer = node.send(usual, ["ECHO", "here"]);
    const expected = node.ended.has(usual) ? "" : "$4\r\nhere\r\n";
    assert.equal(answer, expected, JSON.stringify(args));
  }
  node.turn(100);
}
