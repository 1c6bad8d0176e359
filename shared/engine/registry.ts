/** The command table, looked up by whatever spelling a client uses. */
import { assert } from "../base/assert.ts";
import type { Command } from "./command.ts";

/** Spellings remembered; clients use few, but a hostile one could try all 2^n. */
const SPELLINGS_MAX = 4096;

export class Registry {
  readonly #byName = new Map<string, Command>();
  /** "GET", "get", "Get" -> row: saves lower-casing every request. */
  readonly #bySpelling = new Map<string, Command>();

  #lastSpelling = "";
  #lastCommand: Command | undefined;

  constructor(commands: readonly Command[]) {
    for (const command of commands) {
      assert(!this.#byName.has(command.name), `two rows for ${command.name}`);
      this.#byName.set(command.name, command);
    }
  }

  find(spelling: string): Command | undefined {
    // The decoder gives the same string for a name that is repeated.
    if (spelling === this.#lastSpelling) return this.#lastCommand;
    const known = this.#bySpelling.get(spelling);
    if (known !== undefined) {
      this.#lastSpelling = spelling;
      this.#lastCommand = known;
      return known;
    }
    const command = this.#byName.get(spelling.toLowerCase());
    if (command !== undefined && this.#bySpelling.size < SPELLINGS_MAX) {
      this.#bySpelling.set(spelling, command);
    }
    return command;
  }

  /** The row for a request: its subcommand's, where there are any. */
  ofRequest(args: readonly string[]): Command | undefined {
    const row = this.find(args[0]!);
    if (row === undefined || row.subcommands.size === 0 || args.length === 1) return row;
    return row.subcommands.get(args[1]!.toLowerCase());
  }

  /** By the name that COMMAND LIST gives, `container|sub` included, in any case. */
  named(name: string): Command | undefined {
    const [first, second, ...rest] = name.split("|");
    const found = this.find(first!);
    if (second === undefined) return found;
    return rest.length > 0 ? undefined : found?.subcommands.get(second.toLowerCase());
  }

  get all(): readonly Command[] {
    return [...this.#byName.values()];
  }
}
