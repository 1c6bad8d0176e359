/**
 * Who is there: AUTH, HELLO, PING, ECHO, QUIT, RESET. https://redis.io/commands/?group=connection
 */
import { detach } from "../../base/bytes.ts";
import { parseInteger } from "../../base/numbers.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { OK, PONG, type Reply, ReplyError, Status } from "../../resp/reply.ts";
import { noteFailedLogin } from "../acl/gate.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import type { Engine } from "../engine.ts";
import type { Session } from "../session.ts";
import { REDIS_VERSION } from "../version.ts";
import { mapOf } from "./map-of.ts";

const ALWAYS: readonly Flag[] = ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"];
const CONNECTION = { categories: ["connection"] };

export const CONNECTION_COMMANDS: readonly Command[] = [
  command("auth", -2, ALWAYS, NO_KEYS, auth, CONNECTION),
  command("echo", 2, ["loading", "stale", "fast"], NO_KEYS, (_, args) => args[1]!, CONNECTION),
  command("hello", -1, ALWAYS, NO_KEYS, hello, CONNECTION),
  command("ping", -1, ["fast"], NO_KEYS, ping, {
    ...CONNECTION,
    tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  }),
  command("quit", -1, ALWAYS, NO_KEYS, quit, CONNECTION),
  command("reset", 1, ALWAYS, NO_KEYS, reset, CONNECTION),
];

/** Whether a session needs no password: the default user has none, and may log in. */
export function isOpen(engine: Engine): boolean {
  return engine.acl.isOpen;
}

const NO_PASSWORD_SET =
  "ERR AUTH <password> called without any password configured for the default user. " +
  "Are you sure your configuration is correct?";

function auth(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) fail("syntax");
  if (args.length === 2) {
    if (cx.engine.acl.user("default")!.isOpen) throw new ReplyError(NO_PASSWORD_SET);
    logIn(cx, { name: "default", password: args[1]! }, args[0]!);
  } else logIn(cx, { name: args[1]!, password: args[2]! }, args[0]!);
  return OK;
}

/** Logs the session in, or throws WRONGPASS and leaves it as it was; `by` is the command, as it was sent. */
function logIn(cx: Context, { name, password }: Login, by: string): void {
  if (cx.engine.acl.logIn(cx.session, { name, password })) return;
  noteFailedLogin(cx, { user: name, by });
  fail("wrongPass");
}

interface Login {
  readonly name: string;
  readonly password: string;
}

const GREET_FIRST =
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH " +
  "<user> <pass> option can be used to authenticate the client and select the RESP protocol " +
  "version at the same time";

function hello(cx: Context, args: readonly string[]): Reply {
  const { session } = cx;
  let protocol: 2 | 3 | undefined;
  if (args.length > 1) {
    const asked = parseInteger(args[1]!);
    if (asked === undefined) {
      throw new ReplyError("ERR Protocol version is not an integer or out of range");
    }
    if (asked !== 2 && asked !== 3) throw new ReplyError("NOPROTO unsupported protocol version");
    protocol = asked;
  }
  const options = helloOptions(args);

  if (options.login !== undefined) logIn(cx, options.login, args[0]!);
  if (!session.isAuthenticated) throw new ReplyError(GREET_FIRST);
  if (options.name !== undefined) checkClientName(options.name);

  if (options.name !== undefined) session.name = detach(options.name);
  if (protocol !== undefined) session.protocol = protocol;
  return greeting(cx);
}

interface HelloOptions {
  login?: Login;
  name?: string;
}

function helloOptions(args: readonly string[]): HelloOptions {
  const options: HelloOptions = {};
  for (let i = 2; i < args.length; i++) {
    const option = args[i]!.toLowerCase();
    const left = args.length - 1 - i;
    if (option === "auth" && left >= 2) {
      options.login = { name: args[i + 1]!, password: args[i + 2]! };
      i += 2;
    } else if (option === "setname" && left >= 1) options.name = args[++i]!;
    else throw new ReplyError(`ERR Syntax error in HELLO option '${args[i]!}'`);
  }
  return options;
}

function greeting({ engine, session }: Context): Reply {
  return mapOf([
    ["server", "redis"],
    ["version", REDIS_VERSION],
    ["proto", session.protocol],
    ["id", session.id],
    ["mode", "standalone"],
    ["role", engine.ports.role.isReplica ? "replica" : "master"],
    ["modules", []],
  ]);
}

/** Thousands of clients may have one, and CLIENT LIST shows them all. */
const CLIENT_NAME_BYTES_MAX = 1024;

/** Names appear in CLIENT LIST, which is a line of words. */
export function checkClientName(name: string): void {
  if (name.length > CLIENT_NAME_BYTES_MAX) {
    throw new ReplyError(`ERR Client names have at most ${CLIENT_NAME_BYTES_MAX} bytes`);
  }
  if (/[^!-~]/.test(name)) {
    throw new ReplyError("ERR Client names cannot contain spaces, newlines or special characters.");
  }
}

/** To who listens in RESP2 everything is an array, as messages are. */
function ping({ session }: Context, args: readonly string[]): Reply {
  if (args.length > 2) throw new ReplyError(ERRORS.wrongArity("ping"));
  if (session.subscriptions !== undefined && session.protocol === 2) {
    return ["pong", args[1] ?? ""];
  }
  return args[1] ?? PONG;
}

function quit(cx: Context): Reply {
  cx.session.isClosing = true;
  return OK;
}

/** The session as it was when it was opened; its id and address stay. */
function reset(cx: Context): Reply {
  const { engine, session } = cx;
  if (session.isFollower || session.isMasterLink) {
    throw new ReplyError("ERR can only reset normal client connections");
  }
  forget(engine, session);
  engine.acl.reset(session);
  return new Status("RESET");
}

function forget(engine: Engine, session: Session): void {
  session.transaction = undefined;
  engine.watches.clear(session);
  engine.pubsub.clear(session);
  engine.tracking.disable(session);
  engine.monitors.delete(session);
  session.isMonitor = false;
  session.db = 0;
  session.protocol = 2;
  session.name = "";
  session.replyMode = "on";
  session.isNoEvict = false;
  session.isNoTouch = false;
}
