// What a script says of itself, against the state of the node: answers as redis-server 7.0.15 gives them.

import { describe, expect, test } from "vitest";

import { type EngineClient, type EngineHarness, engineHarness } from "../../support/engine.ts";
import { render } from "../../support/transcript.ts";

const LIBRARY = `#!lua name=l
redis.register_function('rw', function() return redis.call('SET', 'k', 'v') end)
redis.register_function{function_name='ro', flags={'no-writes'},
  callback=function() return redis.call('GET', 'k') end}
redis.register_function{function_name='st', flags={'no-writes', 'allow-stale'},
  callback=function() return redis.call('PING') end}`;

const SET = "return redis.call('SET', 'k', 'v')";
const GET = "return redis.call('GET', 'k')";
const PING = "return redis.call('PING')";

const CALLS = {
  "a write": ["EVAL", SET, "0"],
  "a read": ["EVAL", GET, "0"],
  "a read by EVAL_RO": ["EVAL_RO", GET, "0"],
  "a write that may": ["EVAL", `#!lua\n${SET}`, "0"],
  "a write that allows oom": ["EVAL", `#!lua flags=allow-oom\n${SET}`, "0"],
  "a read that may write": ["EVAL", `#!lua\n${GET}`, "0"],
  "a read that allows stale": ["EVAL", `#!lua flags=allow-stale\n${PING}`, "0"],
  "a read without writes": ["EVAL", `#!lua flags=no-writes\n${GET}`, "0"],
  "a stale read without writes": ["EVAL", `#!lua flags=no-writes,allow-stale\n${PING}`, "0"],
  "a write by EVAL_RO": ["EVAL_RO", `#!lua\n${SET}`, "0"],
  "a function that writes": ["FCALL", "rw", "0"],
  "a function that reads": ["FCALL", "ro", "0"],
  "a function that writes by FCALL_RO": ["FCALL_RO", "rw", "0"],
  "a stale function": ["FCALL", "st", "0"],
  "no function": ["FCALL", "nope", "0"],
  "a bad header": ["EVAL", "#!lua flags=foo\nreturn 1", "0"],
} as const;
type Call = keyof typeof CALLS;

const OOM = "OOM command not allowed when used memory > 'maxmemory'.";
const NO_REPLICAS = "NOREPLICAS Not enough good replicas to write.";
const READ_ONLY = "READONLY You can't write against a read only replica.";
const DOWN = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
const STALE = "ERR Can not execute the command on a stale replica";

/** What differs from the answers of a master at ease. A script's own errors are cut behind their text. */
const STATES: readonly {
  readonly state: string;
  readonly enter: (harness: EngineHarness, client: EngineClient) => void;
  readonly refused: Partial<Record<Call, string>>;
}[] = [
  { state: "a master at ease", enter: () => undefined, refused: {} },
  {
    state: "a master out of memory",
    enter: (_, client) => void client.send(["CONFIG", "SET", "maxmemory", "1"]),
    refused: {
      "a write": OOM,
      "a write that may": OOM,
      "a read that may write": OOM,
      "a read that allows stale": OOM,
      "a write by EVAL_RO": OOM,
      "a function that writes": OOM,
      "a function that writes by FCALL_RO": OOM,
    },
  },
  {
    state: "a master without replicas",
    enter: (_, client) => void client.send(["CONFIG", "SET", "min-replicas-to-write", "1"]),
    refused: {
      "a write": NO_REPLICAS,
      "a write that may": NO_REPLICAS,
      "a write that allows oom": NO_REPLICAS,
      "a read that may write": NO_REPLICAS,
      "a read that allows stale": NO_REPLICAS,
      "a write by EVAL_RO": NO_REPLICAS,
      "a function that writes": NO_REPLICAS,
      "a function that writes by FCALL_RO": NO_REPLICAS,
    },
  },
  {
    state: "a replica",
    enter: ({ role }) => void (role.isReplica = true),
    refused: {
      "a write": READ_ONLY,
      "a write that may": READ_ONLY,
      "a write that allows oom": READ_ONLY,
      "a read that may write": READ_ONLY,
      "a read that allows stale": READ_ONLY,
      "a write by EVAL_RO": READ_ONLY,
      "a function that writes": READ_ONLY,
      "a function that writes by FCALL_RO": READ_ONLY,
    },
  },
  {
    state: "a replica that may not serve what is stale",
    enter: ({ role }, client) => {
      client.send(["CONFIG", "SET", "replica-serve-stale-data", "no"]);
      Object.assign(role, { isReplica: true, isLinkUp: false });
    },
    refused: {
      "a write": DOWN,
      "a read": DOWN,
      "a read by EVAL_RO": DOWN,
      "a write that may": READ_ONLY,
      "a write that allows oom": READ_ONLY,
      "a read that may write": READ_ONLY,
      "a read that allows stale": READ_ONLY,
      "a read without writes": DOWN,
      "a stale read without writes": STALE,
      "a write by EVAL_RO": READ_ONLY,
      "a function that writes": READ_ONLY,
      "a function that reads": DOWN,
      "a function that writes by FCALL_RO": READ_ONLY,
      "a stale function": STALE,
    },
  },
  {
    state: "a replica that may be written to",
    enter: ({ role }, client) => {
      client.send(["CONFIG", "SET", "replica-read-only", "no"]);
      role.isReplica = true;
    },
    refused: {},
  },
];

const NOT_READ_ONLY = "(error) ERR Can not execute a script with write flag using *_ro command.";
const AT_EASE: Record<Call, string> = {
  "a write": "OK",
  "a read": '"v"',
  "a read by EVAL_RO": '"v"',
  "a write that may": "OK",
  "a write that allows oom": "OK",
  "a read that may write": '"v"',
  "a read that allows stale": "PONG",
  "a read without writes": '"v"',
  "a stale read without writes": "PONG",
  "a write by EVAL_RO": NOT_READ_ONLY,
  "a function that writes": "OK",
  "a function that reads": '"v"',
  "a function that writes by FCALL_RO": NOT_READ_ONLY,
  "a stale function": "PONG",
  "no function": "(error) ERR Function not found",
  "a bad header": "(error) ERR Unexpected flag in script shebang: foo",
};

describe("what a script may do depends on what it says, on", () => {
  test.each(STATES)("$state", ({ enter, refused }) => {
    const harness = engineHarness();
    const client = harness.connect();
    client.send(["SET", "k", "v"]);
    client.send(["FUNCTION", "LOAD", LIBRARY]);
    enter(harness, client);
    const answers = Object.fromEntries(
      Object.entries(CALLS).map(([name, args]) => {
        return [name, render(client.send(args)).replace(/ script: .*/, "")];
      }),
    );
    const expected = Object.entries(refused).map(([name, text]) => [name, `(error) ${text}`]);
    expect(answers).toEqual({ ...AT_EASE, ...Object.fromEntries(expected) });
  });

  test("a node whose writes are held back: only those run that say they write nothing", () => {
    const { connect, engine } = engineHarness();
    const [client, other] = [connect(), connect()];
    client.send(["FUNCTION", "LOAD", LIBRARY]);
    other.send(["CLIENT", "PAUSE", "100000", "WRITE"]);
    const held = Object.keys(CALLS).filter((name) => {
      const { session, send } = connect();
      send(CALLS[name as Call]);
      return engine.blocked.has(session) || session.blocked !== undefined;
    });
    expect(held).toEqual([
      "a write",
      "a read",
      "a write that may",
      "a write that allows oom",
      "a read that may write",
      "a read that allows stale",
      "a write by EVAL_RO",
      "a function that writes",
      "a function that writes by FCALL_RO",
      "no function",
      "a bad header",
    ]);
  });

  test("a transaction, when it is queued and when it is executed", () => {
    const { connect, role } = engineHarness();
    const client = connect();
    client.send(["MULTI"]);
    client.send(CALLS["a write that may"]);
    role.isReplica = true;
    expect(render(client.send(["EXEC"]))).toBe(
      `(error) EXECABORT Transaction discarded because of: ${READ_ONLY}`,
    );
    client.send(["MULTI"]);
    expect(render(client.send(CALLS["a write that may"]))).toBe(`(error) ${READ_ONLY}`);
    expect(render(client.send(["EXEC"]))).toMatch(/EXECABORT/);
  });
});
