// The command line of our scripts: one table of options, from which the parser, the defaults, the
// checks and the text of --help follow.
//
//   const { options } = readCommandLine({
//     name: "npm start --",
//     summary: "Serves a database on this machine.",
//     options: {
//       host: text("ADDRESS", "where to listen", { default: "127.0.0.1" }),
//       httpPort: integer("PORT", "port of the REST API; 0 picks one", { default: 8787, max: 65535 }),
//       password: text("PW", "asked of every client", { env: "REDIS_PASSWORD" }),
//       standalone: flag("every node starts as a master"),
//     },
//   });
//   options.httpPort; // a number

import { parseArgs } from "node:util";

/** A row: how the value is read, and what --help says. `httpPort` is `--http-port` to the user. */
type Option<Value> = {
  readonly kind: "flag" | "value";
  /** What stands for the value in --help. */
  readonly placeholder: string;
  readonly help: string;
  readonly default: Value;
  /** Environment variable read when the option is not given; an empty one counts as unset. */
  readonly env: string | undefined;
  /** Throws `WrongValue` with what is wanted, as in "a whole number". */
  readonly read: (given: string) => Value;
};

type Options = Readonly<Record<string, Option<unknown>>>;

/** An argument that is not an option. All are required but those that say otherwise. */
type Positional = { readonly name: string; readonly help: string; readonly isOptional?: boolean };

export type Program<Table extends Options> = {
  /** As typed: "npm run bridge --". */
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly Positional[];
  readonly options: Table;
};

type Values<Table extends Options> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never;
};

/** What to do: run, show the help, or show what is wrong with the command line. */
export type Reading<Table extends Options> =
  | { readonly at: "run"; readonly options: Values<Table>; readonly positionals: readonly string[] }
  | { readonly at: "help"; readonly text: string }
  | { readonly at: "wrong"; readonly why: string };

/** Reads the process's command line; shows help (exit code 0) or a mistake (one line, 1) itself. */
export function readCommandLine<Table extends Options>(
  program: Program<Table>,
): Extract<Reading<Table>, { at: "run" }> {
  const reading = parse(program, process.argv.slice(2), process.env);
  if (reading.at === "run") return reading;
  if (reading.at === "help") process.stdout.write(reading.text);
  else process.stderr.write(`${program.name} ${reading.why} (--help lists the options)\n`);
  process.exit(reading.at === "help" ? 0 : 1);
}

/** The same without the process around it. */
export function parse<Table extends Options>(
  program: Program<Table>,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Reading<Table> {
  try {
    const { given, positionals } = split(program, args);
    if (given.has("help")) return { at: "help", text: usage(program) };
    checkPositionals(program, positionals);
    const entries = Object.entries(program.options).map(([name, option]) => {
      return [name, valueOf(option, flagName(name), { given, env })];
    });
    return { at: "run", options: Object.fromEntries(entries) as Values<Table>, positionals };
  } catch (error) {
    if (error instanceof WrongLine) return { at: "wrong", why: error.message };
    throw error;
  }
}

// ---- the kinds of options -------------------------------------------------------------------

type Extra<Value> = { readonly default?: Value; readonly env?: string };

/** Without a default the value may be undefined. */
type Unset<Given> = Given extends { readonly default: unknown } ? never : undefined;

export function flag(help: string, extra: { readonly env?: string } = {}): Option<boolean> {
  const read = (given: string): boolean => {
    if (["1", "true", "yes"].includes(given)) return true;
    if (["0", "false", "no"].includes(given)) return false;
    throw new WrongValue("1 or 0");
  };
  return { kind: "flag", placeholder: "", help, default: false, env: extra.env, read };
}

export function text<const Given extends Extra<string>>(
  placeholder: string,
  help: string,
  extra?: Given,
): Option<string | Unset<Given>> {
  return value(placeholder, help, { extra, read: (given) => given });
}

export function integer<const Given extends Extra<number> & { min?: number; max?: number }>(
  placeholder: string,
  help: string,
  extra?: Given,
): Option<number | Unset<Given>> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = extra ?? {};
  const read = (given: string): number => {
    const number = /^-?\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new WrongValue(`a whole number from ${min} to ${max}`);
  };
  return value(placeholder, help, { extra, read });
}

/** One of a few words. */
export function choice<const Word extends string, const Given extends Extra<Word>>(
  words: readonly Word[],
  help: string,
  extra?: Given,
): Option<Word | Unset<Given>> {
  const read = (given: string): Word => {
    const word = words.find((candidate) => candidate === given);
    if (word !== undefined) return word;
    throw new WrongValue(words.join(" or "));
  };
  return value(words.join("|"), help, { extra, read });
}

/** Words with commas between them; the empty text is the empty list, and so is the default. */
export function list(
  placeholder: string,
  help: string,
  extra: Extra<readonly string[]> = {},
): Option<readonly string[]> {
  const read = (given: string): readonly string[] => {
    const words = given === "" ? [] : given.split(",").map((word) => word.trim());
    if (words.every((word) => word !== "")) return words;
    throw new WrongValue("words with commas between them");
  };
  return value(placeholder, help, { extra: { ...extra, default: extra.default ?? [] }, read });
}

function value<Value, Given extends Extra<Value>>(
  placeholder: string,
  help: string,
  how: { extra: Given | undefined; read: (given: string) => Value },
): Option<Value | Unset<Given>> {
  const { default: unset, env } = how.extra ?? {};
  const row = { kind: "value", placeholder, help, default: unset, env, read: how.read } as const;
  return row as Option<Value | Unset<Given>>;
}

// ---- reading --------------------------------------------------------------------------------

/** A mistake in the command line; the message continues the program's name. */
class WrongLine extends Error {}

/** A value that cannot be read; the message says what would do. */
class WrongValue extends Error {}

/** Options as given, by the name after the dashes; the last of several counts. */
type Given = ReadonlyMap<string, string | undefined>;

/** node:util takes the line apart; we look at its tokens, as its own messages are no help. */
function split(
  program: Program<Options>,
  args: readonly string[],
): { given: Given; positionals: string[] } {
  const kinds = new Map([["help", "flag"]]);
  for (const [name, { kind }] of Object.entries(program.options)) kinds.set(flagName(name), kind);
  const known = [...kinds].map(([name, kind]) => {
    return [name, { type: kind === "flag" ? "boolean" : "string" }] as const;
  });
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(known), help: { type: "boolean", short: "h" } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });

  const given = new Map<string, string | undefined>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { rawName, name, value: text, inlineValue: isInline } = token;
    const kind = kinds.get(name);
    if (kind === undefined) throw new WrongLine(`has no option ${rawName}`);
    if (kind === "flag" && text !== undefined) throw new WrongLine(`${rawName} takes no value`);
    // `--host --password x` is a forgotten value; who means it writes `--host=--password`.
    if (kind === "value" && (text === undefined || (!isInline && text.startsWith("-")))) {
      throw new WrongLine(`${rawName} wants a value`);
    }
    given.set(name, text);
  }
  return { given, positionals };
}

function checkPositionals(program: Program<Options>, positionals: readonly string[]): void {
  const wanted = program.positionals ?? [];
  const missing = wanted[positionals.length];
  if (missing !== undefined && missing.isOptional !== true) {
    throw new WrongLine(`wants ${missing.name}: ${missing.help}`);
  }
  const surplus = positionals[wanted.length];
  if (surplus !== undefined) throw new WrongLine(`has no use for ${JSON.stringify(surplus)}`);
}

function valueOf(
  option: Option<unknown>,
  name: string,
  from: { given: Given; env: Readonly<Record<string, string | undefined>> },
): unknown {
  if (from.given.has(name)) {
    return option.kind === "flag" || read(option, `--${name}`, from.given.get(name) ?? "");
  }
  const fallback = option.env === undefined ? undefined : from.env[option.env];
  if (option.env === undefined || fallback === undefined || fallback === "") return option.default;
  return read(option, option.env, fallback);
}

function read(option: Option<unknown>, where: string, given: string): unknown {
  try {
    return option.read(given);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    throw new WrongLine(`${where} wants ${error.message}, not ${JSON.stringify(given)}`);
  }
}

/** httpPort -> http-port */
function flagName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

// ---- help -----------------------------------------------------------------------------------

function usage(program: Program<Options>): string {
  const positionals = program.positionals ?? [];
  const names = positionals.map(({ name, isOptional }) =>
    isOptional === true ? `[${name}]` : name,
  );
  const rows = [
    ...positionals.map(({ name, help }) => [name, help] as const),
    ...Object.entries(program.options).map(([name, option]) => {
      return [`--${flagName(name)} ${option.placeholder}`.trimEnd(), describe(option)] as const;
    }),
    ["--help", "shows this"] as const,
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  const head = ["usage:", program.name, ...names, "[options]"].join(" ");
  return `${head}\n\n${program.summary}\n\n${lines.join("\n")}\n`;
}

function describe({ help, env, default: unset }: Option<unknown>): string {
  const shown = show(unset);
  const notes = [
    ...(shown === "" ? [] : [`default ${shown}`]),
    ...(env === undefined ? [] : [`or $${env}`]),
  ];
  return notes.length === 0 ? help : `${help} (${notes.join("; ")})`;
}

/** A default as the user would type it; of a flag there is nothing to type. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
