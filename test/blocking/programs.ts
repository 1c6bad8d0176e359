// Programs of several clients, some of which wait (programs.txt), and how they are told to a server.

import { readFileSync } from "node:fs";

import { binaryToUtf8, utf8ToBinary } from "../../shared/base/bytes.ts";
import { NilArray, type Reply, ReplyError, Status } from "../../shared/resp/reply.ts";
import { splitArguments } from "../../shared/resp/split-arguments.ts";

/** One client of a server. */
export interface Party {
  readonly id: string;
  send(commands: readonly (readonly string[])[]): void;
  /** The next answer; undefined when none comes. */
  next(): Reply | undefined | Promise<Reply | undefined>;
  /** Settles once the server has it waiting. */
  waits(): void | Promise<void>;
  /** Leaves, and settles once the server knows. */
  leave(): void | Promise<void>;
}

/** A server to tell a program to, with no keys. */
export interface Scene {
  open(): Party | Promise<Party>;
  turn(ms: number): void | Promise<void>;
  /** Answers nobody has asked for until now, by whoever they went to. */
  rest(): string[] | Promise<string[]>;
  close(): void | Promise<void>;
}

export interface Program {
  readonly title: string;
  readonly lines: readonly string[];
}

const FILES = ["programs.txt", "streams.txt"];

export function programs(): [title: string, program: Program][] {
  const parts = FILES.flatMap((name) => {
    const text = readFileSync(new URL(name, import.meta.url), "utf8");
    return text.split(/^# /m).slice(1);
  });
  return parts.map((part) => {
    const [title = "", ...lines] = part.trimEnd().split("\n");
    return [title, { title, lines }];
  });
}

/** Tells the program; returns its lines with the answers that came. */
export async function perform(program: Program, scene: Scene): Promise<string[]> {
  const told: string[] = [];
  const parties = new Map<string, Party>();
  const named = async (name: string): Promise<Party> => {
    const known = parties.get(name) ?? (await scene.open());
    parties.set(name, known);
    return known;
  };
  for (const [, name = ""] of program.lines.join("\n").matchAll(/^(\w)[>~]/gm)) await named(name);
  for (const line of program.lines) {
    const [, name = "", mark = "", text = ""] = /^(\w?)([>~<!]) (.*)$/.exec(line) ?? [];
    if (mark === "") continue;
    if (name === "") {
      await scene.turn(Number.parseInt(text));
      told.push(line);
      continue;
    }
    const party = await named(name);
    const ids = (word: string): string => parties.get(word.slice(1))!.id;
    if (mark === "<") told.push(`${name}< ${show(await party.next())}`);
    else if (mark === "!") {
      await party.leave();
      parties.delete(name);
      told.push(line);
    } else {
      const commands = text.split("; ").map((command) => {
        const args = splitArguments(utf8ToBinary(command)) ?? [];
        return args.map((arg) => (/^@\w$/.test(arg) ? ids(arg) : arg));
      });
      party.send(commands);
      told.push(line);
      if (mark === "~") await party.waits();
      else for (const _ of commands) told.push(show(await party.next()));
    }
  }
  return [...told, ...(await scene.rest())];
}

/** A reply on one line. */
export function show(reply: Reply | undefined): string {
  if (reply === undefined) return "(silence)";
  if (reply === null || reply instanceof NilArray) return "(nil)";
  if (reply instanceof Status) return reply.text;
  if (reply instanceof ReplyError) return `(error) ${binaryToUtf8(reply.text)}`;
  if (Array.isArray(reply)) return `[${(reply as readonly Reply[]).map(show).join(",")}]`;
  return JSON.stringify(reply);
}
