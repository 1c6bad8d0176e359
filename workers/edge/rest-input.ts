/** What a REST request asks for: bytes, JSON and paths -> commands. Nothing is trusted. */
import { binaryToUtf8, toBinary, utf8Length, utf8ToBinary } from "../../shared/base/bytes.ts";
import { waits } from "../../shared/engine/command.ts";
import { Registry } from "../../shared/engine/registry.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import type { Refused, Shape } from "../node/answers.ts";
import { CALL_BYTES_MAX } from "../node/answers.ts";
import { type Requests, tooLarge, toRequests } from "../node/requests.ts";
import { isRepeatable, unfit } from "../node/rest-commands.ts";

/** A request that cannot be understood or carried; the text is the answer. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status: 400 | 413;
  constructor(text: string, status: 400 | 413 = 400) {
    super(text);
    this.status = status;
  }
}

/** What the decoder of commands takes. */
const ARGUMENTS_MAX = 1024 * 1024;

const PARSE = "ERR failed to parse command";

/** The whole body; refuses it before it has all come where it is too large. */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  // Without a look at `body`: that would make a stream of it, which costs as much as all else here.
  if (statedLength(request) !== undefined) return new Uint8Array(await request.arrayBuffer());
  if (request.body === null) return new Uint8Array();
  // Nobody has said how much will come.
  const parts: Uint8Array[] = [];
  let byteCount = 0;
  for await (const part of request.body as ReadableStream<Uint8Array>) {
    byteCount += part.byteLength;
    if (byteCount > CALL_BYTES_MAX) throw new BadRequest(tooLarge(byteCount), 413);
    parts.push(part);
  }
  const whole = new Uint8Array(byteCount);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** How many bytes will come, where that is said; refuses what is too large. */
function statedLength({ headers }: Request): number | undefined {
  const text = headers.get("content-length");
  if (text === null) return undefined;
  const length = Number(text);
  if (length > CALL_BYTES_MAX) throw new BadRequest(tooLarge(length), 413);
  return length;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const REPLACED = "\ufffd";

/** The whole body as text; nothing where it is no UTF-8. */
export async function readText(request: Request): Promise<string> {
  const length = statedLength(request);
  if (length === undefined) return decoded(await readBody(request));
  // As bytes it would be a buffer first, which costs a tenth of a GET. But `text` does not fail: it puts
  // three bytes in the place of one or two (or of three, a character of four that is cut off: as nobody
  // can tell that from what is meant so, it passes).
  const text = await request.text();
  return text.includes(REPLACED) && utf8Length(text) !== length ? "" : text;
}

function decoded(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return "";
  }
}

/** A body as JSON. */
export interface Json {
  readonly value: unknown;
  /** Every text in it is plain ASCII, which is its own UTF-8. */
  readonly isAscii: boolean;
}

/** A body as JSON; `what` is said not to be one. */
export function parseJson(text: string, what: "command" | "pipeline" | "multi-exec"): Json {
  try {
    // Of nothing there is no JSON either.
    const value: unknown = JSON.parse(text);
    const isAscii = !text.includes("\\u") && utf8Length(text) === text.length;
    return { value: hasNumber(value) ? JSON.parse(text, asSpelt) : value, isAscii };
  } catch {
    // No JSON, or nested so deep that it cannot be one of ours.
    throw new BadRequest(what === "command" ? PARSE : `ERR failed to parse ${what} request`);
  }
}

/** Only then it is worth to look at how they were written: that takes several times as long. */
function hasNumber(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const item of value as unknown[]) {
    if (typeof item === "number") return true;
    if (Array.isArray(item)) for (const inner of item) if (typeof inner === "number") return true;
  }
  return false;
}

/** Numbers keep their spelling: 1.0 stays 1.0, and 2^64 is not rounded. */
function asSpelt(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? (context?.source ?? String(value)) : value;
}

/** `["SET","key","value"]`. */
export function toCommand({ value, isAscii }: Json): readonly string[] {
  if (!Array.isArray(value)) throw new BadRequest(PARSE);
  if (value.length === 0) throw new BadRequest("ERR empty command");
  return toArguments(value, isAscii);
}

/** `[["SET","key","value"],["GET","key"]]`; an empty one in a pipeline is refused on its own. */
export function toCommands(
  { value, isAscii }: Json,
  what: "pipeline" | "multi-exec",
): (readonly string[])[] {
  if (!Array.isArray(value)) throw new BadRequest(`ERR failed to parse ${what} request`);
  if (value.length === 0) throw new BadRequest(`ERR empty ${what} request`);
  return value.map((item: unknown) => {
    if (!Array.isArray(item)) throw new BadRequest(`ERR failed to parse ${what} request`);
    if (item.length === 0 && what === "multi-exec") {
      throw new BadRequest("ERR empty multi-exec command");
    }
    return toArguments(item, isAscii);
  });
}

function toArguments(items: readonly unknown[], isAscii: boolean): readonly string[] {
  if (items.length > ARGUMENTS_MAX) throw new BadRequest("ERR too many arguments");
  // Nearly all are as they have to be: no copy is made of them.
  if (isAscii && areTexts(items)) return items;
  return items.map((item) => {
    if (typeof item === "string") return toArgument(item);
    if (typeof item === "boolean") return String(item);
    throw new BadRequest(PARSE);
  });
}

function areTexts(items: readonly unknown[]): items is readonly string[] {
  for (const item of items) if (typeof item !== "string") return false;
  return true;
}

/** A text as an argument. Most are plain ASCII, which is its own UTF-8. */
export function toArgument(text: string): string {
  return isAscii(text) ? text : utf8ToBinary(text);
}

const ASCII_CHECKED_MAX = 64;

function isAscii(text: string): boolean {
  const { length } = text;
  // Beyond that the platform's own encoder is faster.
  if (length > ASCII_CHECKED_MAX) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

const BRACKET = 91;
const PATH_HINT = "a path is a command here; the URL that is given to a client has none";

/** Query parameters that are about the request, not of the command. */
const NOT_ARGUMENTS = new Set(["_token", "node"]);

/** `/set/key` with the value as body and options as query: path, then body, then query. */
export function pathArguments(url: string, body: Uint8Array): string[] {
  const { pathname, search } = new URL(url);
  const args = pathSegments(pathname);
  // Upstash's SDK takes a URL with a path and posts its JSON there.
  if (body[0] === BRACKET && COMMANDS.find(args[0]!) === undefined) {
    const name = binaryToUtf8(args[0]!.slice(0, 64));
    throw new BadRequest(`ERR unknown command '${name}': ${PATH_HINT}`);
  }
  // The body is the value as it is, text or not.
  if (body.byteLength > 0) args.push(toBinary(body));
  for (const part of search.slice(1).split("&")) {
    if (part === "") continue;
    const [name, value] = halves(part.replaceAll("+", " "));
    const decoded = percentDecoded(name);
    if (NOT_ARGUMENTS.has(decoded)) continue;
    args.push(decoded);
    if (value !== "") args.push(percentDecoded(value));
  }
  return args;
}

/** `/a/b%2Fc` -> `a`, `b/c`. */
export function pathSegments(pathname: string): string[] {
  return pathname.slice(1).split("/").map(percentDecoded);
}

function halves(parameter: string): [name: string, value: string] {
  const at = parameter.indexOf("=");
  return at < 0 ? [parameter, ""] : [parameter.slice(0, at), parameter.slice(at + 1)];
}

/** As bytes: `%ff` is one, whether it makes text or not. */
function percentDecoded(text: string): string {
  if (!text.includes("%")) return utf8ToBinary(text);
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new BadRequest(PARSE);
  return utf8ToBinary(text).replace(/%(..)/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const COMMANDS = new Registry(ENGINE_COMMANDS);

export interface Asked {
  readonly requests: Requests;
  /** All of it may be sent once more without harm. */
  readonly isRepeatable: boolean;
  /** All of it only reads, and waits for nothing. */
  readonly isRead: boolean;
}

/** Whether a command may be sent once more, where its name tells all that there is to know of it. */
export function safetyOf(name: string): { readonly isRepeatable: boolean } | undefined {
  const row = COMMANDS.find(name);
  if (row === undefined || row.subcommands.size > 0 || row.name === "xread") return undefined;
  return unfit([name]) === undefined ? { isRepeatable: isRepeatable([name], COMMANDS) } : undefined;
}

/** Commands in the form they go to a node; refuses what a call to it could not carry. */
export function toAsked(commands: readonly (readonly string[])[], shape: Shape): Asked {
  const fit: (readonly string[])[] = [];
  const refused: Refused[] = [];
  let repeatable = true;
  let mayWait = false;
  let known = "";
  for (let at = 0; at < commands.length; at++) {
    const args = commands[at]!;
    // Pipelines mostly repeat one command: what was found of its name holds for the next.
    if (args[0] === known && args[0] !== "") {
      fit.push(args);
      continue;
    }
    const why = args.length === 0 ? "ERR empty pipeline command" : unfit(args);
    if (why === undefined) {
      fit.push(args);
      repeatable &&= isRepeatable(args, COMMANDS);
      mayWait ||= waits(args);
      known = safetyOf(args[0]!) === undefined ? "" : args[0]!;
    } else if (shape === "many") refused.push([at, why]);
    // A transaction is run as a whole or not at all.
    else throw new BadRequest(why);
  }
  const requests = toRequests(fit, refused);
  // What is refused travels with the rest, in words.
  const byteCount =
    requests.resp.length + (refused.length === 0 ? 0 : JSON.stringify(refused).length);
  if (byteCount > CALL_BYTES_MAX) throw new BadRequest(tooLarge(byteCount), 413);
  const isRead = repeatable && shape !== "transaction" && !mayWait;
  return { requests, isRepeatable: repeatable, isRead };
}
