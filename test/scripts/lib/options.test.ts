// The command line of our scripts: what is accepted, what is refused in which words, what help says.

import { describe, expect, expectTypeOf, test } from "vitest";

import { choice, flag, integer, list, parse, text } from "../../../scripts/lib/options.ts";

const SERVE = {
  name: "npm start --",
  summary: "Serves a database on this machine.",
  options: {
    host: text("ADDRESS", "where to listen", { default: "127.0.0.1" }),
    httpPort: integer("PORT", "port of the REST API", { default: 8787, max: 65535 }),
    limit: integer("N", "how many"),
    log: choice(["quiet", "loud"], "how much to say", { default: "quiet" }),
    password: text("PW", "asked of every client", { env: "REDIS_PASSWORD" }),
    replicas: list("NAMES", "regions", { default: ["weur", "apac"] }),
    standalone: flag("every node is a master", { env: "STANDALONE" }),
  },
} as const;

const BRIDGE = {
  name: "npm run bridge --",
  summary: "Opens a local port.",
  positionals: [
    { name: "URL", help: "the deployment" },
    { name: "NODE", help: "one of its nodes", isOptional: true },
  ],
  options: {},
} as const;

const DEFAULTS = {
  host: "127.0.0.1",
  httpPort: 8787,
  limit: undefined,
  log: "quiet",
  password: undefined,
  replicas: ["weur", "apac"],
  standalone: false,
};

describe("options", () => {
  const READ = [
    ["are the defaults when none is given", [], {}],
    ["take their value from the next argument", ["--http-port", "0"], { httpPort: 0 }],
    ["take their value after an equals sign", ["--http-port=1"], { httpPort: 1 }],
    ["may hold a value that begins with a dash", ["--password=--x"], { password: "--x" }],
    ["are true when a flag stands alone", ["--standalone"], { standalone: true }],
    ["count for their last value", ["--host", "a", "--host", "b"], { host: "b" }],
    ["split lists at commas", ["--replicas", "weur, enam"], { replicas: ["weur", "enam"] }],
    ["take the empty text as the empty list", ["--replicas="], { replicas: [] }],
    ["choose among words", ["--log", "loud"], { log: "loud" }],
    ["may be the empty text", ["--password="], { password: "" }],
  ] as const;

  test.each(READ)("%s", (_, args, changed) => {
    const reading = { at: "run", options: { ...DEFAULTS, ...changed }, positionals: [] };
    expect(parse(SERVE, args)).toEqual(reading);
  });

  test("have the types their rows say", () => {
    const reading = parse(SERVE, []);
    if (reading.at !== "run") throw new Error(reading.at);
    expectTypeOf(reading.options.host).toEqualTypeOf<string>();
    expectTypeOf(reading.options.httpPort).toEqualTypeOf<number>();
    expectTypeOf(reading.options.limit).toEqualTypeOf<number | undefined>();
    expectTypeOf(reading.options.log).toEqualTypeOf<"quiet" | "loud">();
    expectTypeOf(reading.options.password).toEqualTypeOf<string | undefined>();
    expectTypeOf(reading.options.replicas).toEqualTypeOf<readonly string[]>();
    expectTypeOf(reading.options.standalone).toEqualTypeOf<boolean>();
  });
});

describe("the environment", () => {
  const READ = [
    ["gives what the command line does not", [], { REDIS_PASSWORD: "a" }, { password: "a" }],
    ["yields to the command line", ["--password=b"], { REDIS_PASSWORD: "a" }, { password: "b" }],
    ["is unset where it is empty", [], { REDIS_PASSWORD: "" }, {}],
    ["sets flags with 1", [], { STANDALONE: "1" }, { standalone: true }],
    ["leaves flags alone with 0", [], { STANDALONE: "0" }, {}],
    ["is read only for rows that name it", [], { HOST: "a" }, {}],
  ] as const;

  test.each(READ)("%s", (_, args, env, changed) => {
    expect(parse(SERVE, args, env)).toMatchObject({ options: { ...DEFAULTS, ...changed } });
  });
});

describe("a mistake is answered in one line", () => {
  const REFUSED = [
    [["--prot", "1"], "has no option --prot"],
    [["-x"], "has no option -x"],
    [["--http-port"], "--http-port wants a value"],
    [["--host", "--standalone"], "--host wants a value"],
    [["--http-port", "x"], '--http-port wants a whole number from 0 to 65535, not "x"'],
    [["--http-port", "65536"], '--http-port wants a whole number from 0 to 65535, not "65536"'],
    [["--http-port", "1.5"], '--http-port wants a whole number from 0 to 65535, not "1.5"'],
    [["--http-port="], '--http-port wants a whole number from 0 to 65535, not ""'],
    [["--log", "silent"], '--log wants quiet or loud, not "silent"'],
    [["--replicas", "a,,b"], '--replicas wants words with commas between them, not "a,,b"'],
    [["--standalone=yes"], "--standalone takes no value"],
    [["weur"], 'has no use for "weur"'],
  ] as const;

  test.each(REFUSED)("%j", (args, why) => {
    expect(parse(SERVE, args)).toEqual({ at: "wrong", why });
  });

  test("which names the variable when the environment is wrong", () => {
    const why = 'STANDALONE wants 1 or 0, not "perhaps"';
    expect(parse(SERVE, [], { STANDALONE: "perhaps" })).toEqual({ at: "wrong", why });
  });
});

describe("positional arguments", () => {
  test("are returned in order", () => {
    const reading = { at: "run", options: {}, positionals: ["wss://a", "weur"] };
    expect(parse(BRIDGE, ["wss://a", "weur"])).toEqual(reading);
  });

  test("are required but where they are optional", () => {
    expect(parse(BRIDGE, [])).toEqual({ at: "wrong", why: "wants URL: the deployment" });
    expect(parse(BRIDGE, ["wss://a"])).toMatchObject({ at: "run", positionals: ["wss://a"] });
  });

  test("may begin with a dash after a double dash", () => {
    expect(parse(BRIDGE, ["--", "-a"])).toMatchObject({ at: "run", positionals: ["-a"] });
  });
});

describe("help", () => {
  test("comes before any mistake that is not an unknown option", () => {
    expect(parse(BRIDGE, ["--help"]).at).toBe("help");
    expect(parse(SERVE, ["-h", "--http-port", "x"]).at).toBe("help");
  });

  test("is made from the table", () => {
    const reading = parse(SERVE, ["--help"]);
    expect(reading).toEqual({
      at: "help",
      text: `usage: npm start -- [options]

Serves a database on this machine.

  --host ADDRESS    where to listen (default 127.0.0.1)
  --http-port PORT  port of the REST API (default 8787)
  --limit N         how many
  --log quiet|loud  how much to say (default quiet)
  --password PW     asked of every client (or $REDIS_PASSWORD)
  --replicas NAMES  regions (default weur,apac)
  --standalone      every node is a master (or $STANDALONE)
  --help            shows this
`,
    });
  });

  test("shows which positional arguments are optional", () => {
    const reading = parse(BRIDGE, ["--help"]);
    expect(reading).toMatchObject({
      text: expect.stringContaining("usage: npm run bridge -- URL [NODE] [options]\n") as string,
    });
  });
});
