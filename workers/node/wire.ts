/**
 * Calls as they travel between the Worker and a node: as plain values and one text back, because the
 * platform takes longer to carry an object, or to make JSON of one, than the node takes to run a command.
 */
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import {
  contractText,
  parseContract,
  parseSeen,
  positionText,
} from "../../shared/replication/freshness.ts";
import type { CallAnswer, CallOptions, Requests, Route } from "./requests.ts";

/** A call; `rest` is JSON of what few calls have. */
export type WireCall = readonly [
  resp: string,
  count: number,
  format: CallOptions["format"],
  shape: CallOptions["shape"],
  binding: "admitted" | "read-only" | undefined,
  token: string | undefined,
  to: Route["to"] | undefined,
  /** Of a read: how fresh, and what the caller has seen; empty: not said. */
  contract: string | undefined,
  seen: string | undefined,
  rest: string | undefined,
];

type Rest = Pick<Requests, "refused"> & Pick<CallOptions, "repeat">;

export function wireCall({ resp, count, refused }: Requests, options: CallOptions): WireCall {
  const { caller, format, repeat, route, shape } = options;
  const isRare = refused !== undefined || repeat !== undefined;
  return [
    resp,
    count,
    format,
    shape,
    "binding" in caller ? caller.binding : undefined,
    "binding" in caller ? undefined : caller.token,
    route?.to,
    route?.read && (route.read.contract === undefined ? "" : contractText(route.read.contract)),
    route?.read && (route.read.seen === undefined ? "" : positionText(route.read.seen)),
    isRare ? JSON.stringify({ refused, repeat }) : undefined,
  ];
}

export function readCall(call: WireCall): [Requests, CallOptions] {
  const [resp, count, format, shape, binding, token, to, contract, seen, text] = call;
  const { refused, repeat } = text === undefined ? ({} as Rest) : (JSON.parse(text) as Rest);
  const read =
    contract === undefined || seen === undefined
      ? undefined
      : { contract: parseContract(contract), seen: parseSeen(seen) };
  return [
    refused === undefined ? { resp, count } : { resp, count, refused },
    {
      caller: binding === undefined ? { token } : { binding },
      format,
      shape,
      repeat,
      route: to === undefined ? undefined : { to, read },
    },
  ];
}

const NONE = "-";

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
