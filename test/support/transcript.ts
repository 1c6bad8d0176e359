// Stories in the words of redis-cli, and a player that tells them to whatever answers commands: the
// engine, a node over a socket, redis-server. The answers a story shows are redis-server's.
//
//   # INCR starts at nothing          a story: it begins on an empty data set, with no connection open
//   > INCR n                          a command, quoted as in redis-cli
//   (integer) 1                       what redis-cli shows
//   b> INCR n                         the same on another connection, named b
//   b<                                what b is sent without asking: messages, further replies
//   ~ 100ms                           time passes: a clock is turned, or really waited for
//   >? KEYS *                         an array in any order: shown sorted
//   (integer) 90..100                 any number from 90 to 100
//   ...                               any answer: it tells what differs from server to server
//   (empty line)                      parts of a story; read over

import { binaryToUtf8, utf8ToBinary } from "../../shared/base/bytes.ts";
import { escape } from "../../shared/engine/monitor.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NilArray,
  Push,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "../../shared/resp/reply.ts";
import { splitArguments } from "../../shared/resp/split-arguments.ts";

export interface Story {
  readonly title: string;
  /** The lines below the title, as they stand in the file. */
  readonly text: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: "command"; readonly line: string; readonly command: Spoken }
  | { readonly kind: "turn"; readonly line: string; readonly ms: number }
  | { readonly kind: "hear"; readonly line: string; readonly client: string }
  | { readonly kind: "gap" };

interface Spoken {
  readonly client: string;
  readonly args: readonly string[];
  readonly isAnyOrder: boolean;
  readonly expected: readonly string[];
}

/** Where a story is told: opened anew, and empty, for each. */
export interface Place {
  connect(): Client | Promise<Client>;
  turn(ms: number): void | Promise<void>;
  close(): void | Promise<void>;
}

export interface Client {
  send(args: readonly string[]): Reply | Promise<Reply>;
  /** The next that comes without being the reply to a command. */
  hear(): Reply | Promise<Reply>;
}

/** A name begins with a letter: `1> "message"` is an answer. */
const COMMAND = /^((?:[a-z]\w*)?)>(\??) (.*)$/;
const TURN = /^~ (\d+)ms$/;
const HEAR = /^((?:[a-z]\w*)?)<$/;

/** The stories of a file. Lines before the first title say what the file is about. */
export function parseTranscript(text: string): Story[] {
  const parts = text.split(/^# /m).slice(1);
  return parts.map((part) => {
    const [title = "", ...lines] = part.trimEnd().split("\n");
    return { title, text: lines.join("\n"), steps: stepsOf(lines) };
  });
}

function stepsOf(lines: readonly string[]): Step[] {
  const steps: Step[] = [];
  let expected: string[] = [];
  for (const line of lines) {
    const command = COMMAND.exec(line);
    const turn = TURN.exec(line);
    const hear = HEAR.exec(line);
    if (command !== null) {
      const [, client = "", mark, words = ""] = command;
      const args = splitArguments(utf8ToBinary(words));
      if (args === undefined || args.length === 0) throw new Error(`not a command: ${line}`);
      expected = [];
      const spoken = { client, args, isAnyOrder: mark === "?", expected };
      steps.push({ kind: "command", line, command: spoken });
    } else if (turn !== null) steps.push({ kind: "turn", line, ms: Number(turn[1]) });
    else if (hear !== null) {
      expected = [];
      steps.push({ kind: "hear", line, client: hear[1]! });
    } else if (line === "") steps.push({ kind: "gap" });
    else if (["command", "hear"].includes(steps.at(-1)?.kind ?? "")) expected.push(line);
    else throw new Error(`neither a command nor an answer: ${line}`);
  }
  return steps;
}

/**
 * Tells the story and returns its text with the answers that came: equal to `story.text` when all is
 * well. So a test that compares the two shows the difference in the form of the file.
 */
export async function play(story: Story, place: Place): Promise<string> {
  const clients = new Map<string, Client>();
  const lines: string[] = [];
  const clientOf = async (name: string): Promise<Client> => {
    const client = clients.get(name) ?? (await place.connect());
    clients.set(name, client);
    return client;
  };
  for (const step of story.steps) {
    if (step.kind === "gap") lines.push("");
    else if (step.kind === "turn") {
      await place.turn(step.ms);
      lines.push(step.line);
    } else if (step.kind === "hear") {
      const client = await clientOf(step.client);
      lines.push(step.line, render(await client.hear()));
    } else {
      const { client: name, args, isAnyOrder, expected } = step.command;
      const client = await clientOf(name);
      const reply = await client.send(args);
      const shown = render(isAnyOrder ? sorted(reply) : reply).split("\n");
      const isAny = expected.length === 1 && expected[0] === "...";
      const told = isAny ? expected : shown.map((line, i) => acceptable(line, expected[i]));
      lines.push(step.line, ...told);
    }
  }
  return lines.join("\n");
}

/** The line as it stands in the story where it allows for this answer, else the answer. */
function acceptable(line: string, expected: string | undefined): string {
  const range = /^(.*\(integer\) )(-?\d+)\.\.(-?\d+)$/.exec(expected ?? "");
  if (range === null) return line;
  const [, before = "", from, to] = range;
  const value = line.startsWith(before) ? Number(line.slice(before.length)) : Number.NaN;
  return value >= Number(from) && value <= Number(to) ? expected! : line;
}

/** Sent to who listens, and not the reply to a command. */
export function isMessage(reply: Reply): boolean {
  const items = reply instanceof Push ? reply.items : reply;
  return Array.isArray(items) && MESSAGES.has((items as readonly Reply[])[0]);
}

const MESSAGES: ReadonlySet<unknown> = new Set([
  "invalidate",
  "message",
  "pmessage",
  "smessage",
  "tracking-redir-broken",
]);

/** Arrays of nothing but strings, at any depth, in order. */
export function sorted(reply: Reply): Reply {
  if (!Array.isArray(reply)) return reply;
  const items = (reply as readonly Reply[]).map(sorted);
  return items.every((item) => typeof item === "string") ? items.toSorted() : items;
}

/** A reply as redis-cli shows it on a terminal (redis-cli.c, cliFormatReplyTTY), without the last LF. */
export function render(reply: Reply, indent = ""): string {
  if (typeof reply === "string") return `"${escape(reply)}"`;
  if (reply === null || reply instanceof NilArray) return "(nil)";
  if (typeof reply === "number" || typeof reply === "bigint") return `(integer) ${reply}`;
  if (reply instanceof Status) return binaryToUtf8(reply.text);
  if (reply instanceof ReplyError) return `(error) ${binaryToUtf8(reply.text)}`;
  if (reply instanceof Double) return `(double) ${reply.value}`;
  if (reply instanceof BigNumber) return `(big number) ${reply.digits}`;
  if (reply instanceof Bool) return reply.value ? "(true)" : "(false)";
  if (reply instanceof Verbatim) return binaryToUtf8(reply.text);
  if (reply instanceof MapReply) return renderMap(reply.flat, indent);
  if (reply instanceof SetReply) return renderItems(reply.items, indent, ["~", "(empty set)"]);
  if (reply instanceof Push) return renderItems(reply.items, indent, [">", "(empty push)"]);
  if (Array.isArray(reply)) return renderItems(reply, indent, [")", "(empty array)"]);
  throw new Error("a reply redis-cli cannot show");
}

/** Each item behind its number; items in items are indented by the width of those. */
function renderItems(
  items: readonly Reply[],
  indent: string,
  [mark, empty]: readonly [string, string],
): string {
  if (items.length === 0) return empty;
  const width = String(items.length).length;
  const inner = indent + " ".repeat(width + 2);
  return items
    .map((item, i) => {
      const before = i === 0 ? "" : indent;
      return `${before}${String(i + 1).padStart(width)}${mark} ${render(item, inner)}`;
    })
    .join("\n");
}

function renderMap(flat: readonly Reply[], indent: string): string {
  if (flat.length === 0) return "(empty hash)";
  const width = String(flat.length / 2).length;
  const inner = indent + " ".repeat(width + 2);
  const lines: string[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const number = String(i / 2 + 1).padStart(width);
    const [key, value] = [render(flat[i]!, inner), render(flat[i + 1]!, inner)];
    lines.push(`${i === 0 ? "" : indent}${number}# ${key} => ${value}`);
  }
  return lines.join("\n");
}
