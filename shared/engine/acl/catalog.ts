/**
 * The commands as ACL rules see them: each command and subcommand has a number, and categories. What a
 * selector allows is a byte for each number.
 */
import { CATEGORIES, categoriesOf } from "../categories.ts";
import type { Command } from "../command.ts";
import type { Registry } from "../registry.ts";

export interface CatalogEntry {
  readonly command: Command;
  readonly number: number;
  /** A bit for each category, in the order of CATEGORIES. */
  readonly categories: number;
  /** A subcommand's container. */
  readonly parent: CatalogEntry | undefined;
  /** A container's subcommands. */
  readonly subcommands: readonly CatalogEntry[];
}

export class Catalog {
  /** Each container stands before its subcommands. */
  readonly entries: readonly CatalogEntry[];
  readonly #byName = new Map<string, CatalogEntry>();
  readonly #byCommand = new Map<Command, CatalogEntry>();

  constructor(registry: Registry) {
    const entries: CatalogEntry[] = [];
    for (const row of registry.all) {
      const subcommands: CatalogEntry[] = [];
      const entry = entryOf(row, entries.length, { subcommands });
      entries.push(entry);
      for (const sub of row.subcommands.values()) {
        const subEntry = entryOf(sub, entries.length, { parent: entry });
        subcommands.push(subEntry);
        entries.push(subEntry);
      }
    }
    this.entries = entries;
    for (const entry of entries) {
      this.#byName.set(entry.command.name, entry);
      this.#byCommand.set(entry.command, entry);
    }
  }

  /** By its full name (`get`, `config|set`) in any case. */
  named(name: string): CatalogEntry | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  of(command: Command): CatalogEntry | undefined {
    return this.#byCommand.get(command);
  }

  /** The bit of a category in any case; undefined where there is none of that name. */
  categoryBit(name: string): number | undefined {
    const at = CATEGORIES.indexOf(name.toLowerCase());
    return at < 0 ? undefined : 1 << at;
  }
}

function entryOf(
  command: Command,
  number: number,
  { parent, subcommands = [] }: { parent?: CatalogEntry; subcommands?: CatalogEntry[] },
): CatalogEntry {
  let categories = 0;
  for (const name of categoriesOf(command)) categories |= 1 << CATEGORIES.indexOf(name);
  return { command, number, categories, parent, subcommands };
}
