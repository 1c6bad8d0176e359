/**
 * Who is there: AUTH, HELLO, PING, ECHO, QUIT, RESET. https://redis.io/commands/?group=connection
 */
import { detach } from "../../base/bytes.ts";
import { parseInteger } from "../../base/numbers.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { OK, PONG, type Reply, ReplyError, Status } from "../../resp/reply.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import type { Engine } from "../engine.ts";
import { isSameSecret } from "../secrets.ts";
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

/** Whether a session needs no password: no `requirepass` is set. */
export function isOpen(engine: Engine): boolean {
  return engine.config.text("requirepass") === "";
}

const NO_PASSWORD_SET =
  "ERR AUTH <password> called without any password configured for the default user. " +
  "Are you sure your configuration is correct?";

function auth(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) fail("syntax");
  if (args.length === 2) {
    if (isOpen(cx.engine)) throw new ReplyError(NO_PASSWORD_SET);
    logIn(cx, { user: "default", password: args[1]! });
  } else logIn(cx, { user: args[1]!, password: args[2]! });
  return OK;
}

/** Marks the session as authenticated, or throws WRONGPASS and leaves it as it was. */
function logIn(cx: Context, { user, password }: { user: string; password: string }): void {
  const secret = cx.engine.config.text("requirepass");
  // Compared before anything is decided, so that a wrong user takes as long as a wrong password.
  const isRight = secret === "" || isSameSecret(secret, password);
  if (user !== "default" || !isRight) fail("wrongPass");
  cx.session.isAuthenticated = true;
  cx.session.user = "default";
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

  if (options.login !== undefined) logIn(cx, options.login);
  if (!session.isAuthenticated) throw new ReplyError(GREET_FIRST);
  if (options.name !== undefined) checkClientName(options.name);

  if (options.name !== undefined) session.name = detach(options.name);
  if (protocol !== undefined) session.protocol = protocol;
  return greeting(cx);
}

interface HelloOptions {
  login?: { user: string; password: string };
  name?: string;
}

function helloOptions(args: readonly string[]): HelloOptions {
  const options: HelloOptions = {};
  for (let i = 2; i < args.length; i++) {
    const option = args[i]!.toLowerCase();
    const left = args.length - 1 - i;
    if (option === "auth" && left >= 2) {
      options.login = { user: args[i + 1]!, password: args[i + 2]! };
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

function ping(_: Context, args: readonly string[]): Reply {
  if (args.length > 2) throw new ReplyError(ERRORS.wrongArity("ping"));
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
  session.isAuthenticated = isOpen(engine);
  return new Status("RESET");
}

function forget(engine: Engine, session: Session): void {
  session.transaction = undefined;
  engine.watches.clear(session);
  engine.monitors.delete(session);
  session.isMonitor = false;
  session.db = 0;
  session.protocol = 2;
  session.name = "";
  session.user = "default";
  session.replyMode = "on";
  session.isNoEvict = false;
  session.isNoTouch = false;
}
