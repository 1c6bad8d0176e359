/**
 * Calls as they travel between the Worker and a node: as two texts and one text back, because the platform
 * takes longer to carry an object, or many values, than the node takes to run a command. A line of words
 * comes first, and behind it what may hold any character.
 */
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import {
  contractText,
  parseContract,
  parseSeen,
  positionText,
} from "../../shared/replication/freshness.ts";
import type { CallAnswer, CallOptions, Requests, Route } from "./requests.ts";

/** In the place of a word that is not said. */
const NONE = "-";
/** Of a read: it is one, and no more is said. */
const DEFAULT = ".";

/** What few calls have, as JSON. */
type Rest = Pick<Requests, "refused"> & Pick<CallOptions, "repeat">;

/** A call. The commands are a text of their own: cut off another they would be slow to read. */
export type WireCall = readonly [how: string, resp: string];

/** Behind the line: the token, and the rest. */
export function wireCall({ resp, count, refused }: Requests, options: CallOptions): WireCall {
  const { caller, format, repeat, route, shape } = options;
  const binding = "binding" in caller ? caller.binding : NONE;
  const token = "binding" in caller ? undefined : caller.token;
  const isRare = refused !== undefined || repeat !== undefined;
  const rest = isRare ? JSON.stringify({ refused, repeat }) : "";
  const who = `${binding} ${token?.length ?? NONE}`;
  const what = `${count} ${format} ${shape} ${routeText(route)}`;
  return [`${who} ${what}\n${token ?? ""}${rest}`, resp];
}

/** To whom, how fresh, and what the caller has seen. */
function routeText(route: Route | undefined): string {
  if (route?.read === undefined) return `${route?.to ?? NONE} ${NONE} ${NONE}`;
  const { contract, seen } = route.read;
  const how = contract === undefined ? DEFAULT : contractText(contract);
  return `${route.to} ${how} ${seen === undefined ? DEFAULT : positionText(seen)}`;
}

export function readCall([how, resp]: WireCall): [Requests, CallOptions] {
  const lineEnd = how.indexOf("\n");
  const words = how.slice(0, lineEnd).split(" ");
  const [binding, tokenLength, count, format, shape, to, contract, seen] = words;
  const restAt = lineEnd + 1 + (tokenLength === NONE ? 0 : Number(tokenLength));
  const token = tokenLength === NONE ? undefined : how.slice(lineEnd + 1, restAt);
  const { refused, repeat } = (restAt === how.length ? {} : JSON.parse(how.slice(restAt))) as Rest;
  const requests = { resp, count: Number(count) };
  const caller = binding === NONE ? { token } : { binding: binding as "admitted" | "read-only" };
  return [
    refused === undefined ? requests : { ...requests, refused },
    {
      caller,
      format: format as CallOptions["format"],
      shape: shape as CallOptions["shape"],
      repeat,
      route: to === NONE ? undefined : { to: to as Route["to"], read: readOf(contract!, seen!) },
    },
  ];
}

function readOf(contract: string, seen: string): Route["read"] {
  if (contract === NONE) return undefined;
  return {
    contract: contract === DEFAULT ? undefined : parseContract(contract),
    seen: seen === DEFAULT ? undefined : parseSeen(seen),
  };
}

/** A line of words about the answer, and behind it the body; bytes as a binary string. */
export function answerText(answer: CallAnswer): string {
  const { admission, body, forward, isError, lagMs, position, role } = answer;
  const isBytes = typeof body !== "string";
  const state = `${admission} ${role} ${position} ${lagMs ?? NONE} ${isError ? "error" : "fine"}`;
  const next = `${forward?.why ?? NONE} ${forward?.master ?? NONE}`;
  return `${state} ${next} ${isBytes ? "bytes" : "text"}\n${isBytes ? toBinary(body) : body}`;
}

export function readAnswer(text: string): CallAnswer {
  const end = text.indexOf("\n");
  const words = text.slice(0, end).split(" ");
  const [admission, role, position, lagMs, isError, why, master, form] = words;
  const body = text.slice(end + 1);
  return {
    admission: admission as CallAnswer["admission"],
    body: form === "bytes" ? fromBinary(body) : body,
    isError: isError === "error",
    position: position!,
    role: role as CallAnswer["role"],
    lagMs: lagMs === NONE ? undefined : Number(lagMs),
    forward: why === NONE ? undefined : { why: why!, master: master === NONE ? undefined : master },
  };
}
