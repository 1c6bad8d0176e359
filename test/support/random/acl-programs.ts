// ACL programs by chance: few users, all kinds of rules, right and wrong, and requests to try on them.

import type { Random } from "../../../shared/base/random.ts";
import { CATEGORIES } from "../../../shared/engine/categories.ts";
import type { Command } from "../../../shared/engine/command.ts";

const USERS = ["alice", "bob", "carol"];
const KEYS = ["a1", "a2", "b1", "b:c", "x", "", "\xff"];
const CHANNELS = ["ch1", "ch2", "news", "n*", ""];
const PATTERNS = ["a*", "b?", "[ab]1", "x", "*", "", "\xff*", "*:c"];
const FLAG_RULES =
  "on off nopass resetpass reset resetkeys allkeys resetchannels allchannels allcommands " +
  "nocommands clearselectors sanitize-payload skip-sanitize-payload ON ResetKeys";
const HASH = "a".repeat(64);
const BAD_RULES = ["", "nonsense", "~a b", "%~x", "%RX~x", "+nosuch", "-@nosuch", "+get|", "("];
const BAD_COMMANDS = ["+config|nosuch", "+config|set|x", "-get|x", "+|", "+", "-", "+@", "(on)"];
const FIRST_ARGS = ["+select|0", "+select|1", "+GET|Key", "+debug|object", "+set|x", "+Select|0"];
const SUBJECTS = [
  "get",
  "set",
  "mget",
  "del",
  "sort",
  "config",
  "acl",
  "client",
  "publish",
  "xread",
];

const MOVABLE = [
  "sort sort_ro set bitfield georadius georadiusbymember xread xreadgroup eval evalsha_ro".split(
    " ",
  ),
  "zunionstore zinterstore zdiff sintercard lmpop blmpop zmpop bzmpop mset msetnx pfmerge".split(
    " ",
  ),
  ["memory usage", "object encoding", "xgroup create"],
].flat();
const KEY_WORDS = [
  ["a", "b", "c", "", "0", "1", "2", "3", "-1", "x", "u8"],
  "STORE STOREDIST STREAMS GET SET INCRBY OVERFLOW BY LIMIT BLOCK COUNT GROUP KEYS".split(" "),
].flat();

/** Draws rules and requests over the commands of a table. */
export class AclDraw {
  readonly #random: Random;
  readonly #names: readonly string[];
  readonly #rows: readonly Command[];

  constructor(random: Random, rows: readonly Command[]) {
    this.#random = random;
    this.#rows = rows.flatMap((row) =>
      row.subcommands.size > 0 ? [...row.subcommands.values()] : row,
    );
    this.#names = rows.flatMap((row) => [row, ...row.subcommands.values()]).map(({ name }) => name);
  }

  of<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)]!;
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  count(max: number): number {
    return Math.floor(this.#random.next() * (max + 1));
  }

  many(max: number, make: () => string): string[] {
    return Array.from({ length: this.count(max) }, make);
  }

  user(): string {
    return this.of(USERS);
  }

  /** One command of an ACL program. */
  command(): readonly string[] {
    const dice = this.#random.next();
    if (dice < 0.5) return ["ACL", "SETUSER", this.user(), ...this.many(6, () => this.rule())];
    if (dice < 0.6) return ["ACL", "LIST"];
    if (dice < 0.7) return ["ACL", "GETUSER", this.user()];
    if (dice < 0.72) return ["ACL", "DELUSER", this.user(), ...this.many(1, () => this.user())];
    if (dice < 0.74) return ["ACL", "USERS"];
    return ["ACL", "DRYRUN", this.user(), ...this.request()];
  }

  rule(): string {
    if (this.chance(0.08)) return this.of([...BAD_RULES, ...BAD_COMMANDS]);
    if (this.chance(0.12)) return `(${this.many(4, () => this.selectorRule()).join(" ")})`;
    if (this.chance(0.1)) return this.of(FLAG_RULES.split(" "));
    if (this.chance(0.1)) return this.of([">a", ">b", "<a", "<b", `#${HASH}`, `!${HASH}`, "#x"]);
    return this.selectorRule();
  }

  selectorRule(): string {
    const dice = this.#random.next();
    if (dice < 0.2) return this.of(["~", "%R~", "%W~", "%RW~", "%wr~"]) + this.of(PATTERNS);
    if (dice < 0.3) return `&${this.of(PATTERNS)}`;
    if (dice < 0.35) return this.of(["allkeys", "resetkeys", "allchannels", "resetchannels"]);
    if (dice < 0.42) return this.of(["+@all", "-@all", "allcommands", "nocommands"]);
    if (dice < 0.67) return this.of(["+@", "-@"]) + this.of(CATEGORIES);
    if (dice < 0.72) return this.of(FIRST_ARGS);
    return this.of(["+", "-"]) + this.of(this.chance(0.5) ? this.#names : SUBJECTS);
  }

  /** A request that may be anything, with an arity that is mostly right. */
  request(): string[] {
    if (this.chance(0.05)) return this.of([["nosuch"], ["config", "nosuch"], ["get"], ["config"]]);
    const row = this.of(this.#rows);
    const words = row.name.split("|");
    const least = Math.abs(row.arity) - words.length;
    const most = row.arity > 0 ? least : least + 4;
    const length = least + this.count(most - least);
    return [...words, ...Array.from({ length }, () => this.argument())];
  }

  /** A request of a command whose keys are not at fixed places, or any. */
  keyedRequest(): string[] {
    if (this.chance(0.3)) return this.request();
    const words = this.of(MOVABLE).split(" ");
    return [...words, ...this.many(8, () => this.of(KEY_WORDS))];
  }

  argument(): string {
    if (this.chance(0.5)) return this.of(KEYS);
    if (this.chance(0.3)) return this.of(CHANNELS);
    return this.of([
      "1",
      "2",
      "0",
      "-1",
      "STORE",
      "STREAMS",
      "GET",
      "KEYS",
      "BY",
      "LIMIT",
      "COUNT",
    ]);
  }
}
