/**
 * Reads the documentation of commands from its text. A command's entry is its name, since when it exists
 * and its flags (`syscmd`, `deprecated` and since when), and below it, indented, what there is to say:
 *
 *     getset 1.0.0 deprecated 6.2.0
 *       summary …
 *       complexity …
 *       replaced `SET` with the `!GET` argument
 *       history 6.2.0 …
 *       arguments key:key@0 condition:oneof?^2.6.12 ( nx:pure-token=NX xx:pure-token=XX )
 *
 * An argument is `name:type`, then what applies of `@` key spec, `?` optional, `*` multiple, `+` its token
 * every time, `^` since, `!` deprecated since and `=` token; its own arguments stand in parentheses.
 */
import { assert } from "../../base/assert.ts";

export interface DocsEntry {
  readonly since: string;
  summary: string;
  complexity: string;
  readonly isSystem: boolean;
  readonly deprecatedSince: string | undefined;
  replacedBy: string | undefined;
  readonly history: (readonly [since: string, change: string])[];
  /** As in the text: `parseArguments` reads them. */
  arguments: string;
}

export interface DocsArgument {
  readonly name: string;
  readonly type: string;
  readonly keySpecIndex: number | undefined;
  readonly token: string | undefined;
  readonly since: string | undefined;
  readonly deprecatedSince: string | undefined;
  readonly flags: readonly string[];
  readonly arguments: readonly DocsArgument[];
}

/** The entries of a text, by name. */
export function parseDocs(text: string): Map<string, DocsEntry> {
  const entries = new Map<string, DocsEntry>();
  let entry: DocsEntry | undefined;
  for (const line of text.trim().split("\n")) {
    if (line.startsWith("  ")) addTo(entry!, line.trim());
    else {
      const [name, since, ...flags] = line.split(" ");
      entry = newEntry(since!, flags);
      entries.set(name!, entry);
    }
  }
  return entries;
}

function newEntry(since: string, flags: readonly string[]): DocsEntry {
  const deprecatedAt = flags.indexOf("deprecated");
  return {
    since,
    summary: "",
    complexity: "",
    isSystem: flags.includes("syscmd"),
    deprecatedSince: deprecatedAt < 0 ? undefined : flags[deprecatedAt + 1],
    replacedBy: undefined,
    history: [],
    arguments: "",
  };
}

function addTo(entry: DocsEntry, line: string): void {
  const space = line.indexOf(" ");
  const value = line.slice(space + 1);
  switch (line.slice(0, space)) {
    case "summary":
      entry.summary = value;
      break;
    case "complexity":
      entry.complexity = value;
      break;
    case "replaced":
      entry.replacedBy = value;
      break;
    case "history": {
      const [since = ""] = value.split(" ", 1);
      entry.history.push([since, value.slice(since.length + 1)]);
      break;
    }
    case "arguments":
      entry.arguments = value;
  }
}

const ARGUMENT =
  /^(.+?):([a-z-]+)(?:@(\d+))?(\?)?(\*)?(\+)?(?:\^([\d.]+))?(?:!([\d.]+))?(?:=(.*))?$/;

export function parseArguments(text: string): DocsArgument[] {
  const stack: DocsArgument[][] = [[]];
  for (const word of text === "" ? [] : text.split(" ")) {
    const above = stack.at(-1)!;
    if (word === ")") stack.pop();
    else if (word === "(") stack.push(above.at(-1)!.arguments as DocsArgument[]);
    else above.push(parseArgument(word));
  }
  return stack[0]!;
}

function parseArgument(word: string): DocsArgument {
  const match = ARGUMENT.exec(word);
  assert(match !== null, `an argument of a command is written like ${word}`);
  const [, name, type, keySpec, optional, multiple, multipleToken, since, deprecatedSince, token] =
    match;
  const flags: string[] = [];
  if (optional !== undefined) flags.push("optional");
  if (multiple !== undefined) flags.push("multiple");
  if (multipleToken !== undefined) flags.push("multiple_token");
  return {
    name: name!,
    type: type!,
    keySpecIndex: keySpec === undefined ? undefined : Number(keySpec),
    token,
    since,
    deprecatedSince,
    flags,
    arguments: [],
  };
}
