/**
 * What a replica says before PSYNC, and what it makes of the answers: a list of steps, the same over every
 * transport. They are sent in one write, as Redis does; the answers are single lines in the same order.
 */

/** What the steps are filled in with. */
export interface Introduction {
  /** `masteruser` and `masterauth`; empty: none. */
  readonly user: string;
  readonly password: string;
  /** Our own RESP port, and a name to announce instead of the peer's address (empty: none). */
  readonly port: number;
  readonly announcedIp: string;
  /** Ask for frames and a snapshot over HTTP (our own nodes, on a WebSocket). */
  readonly wantsFrames: boolean;
}

export interface Step {
  readonly name: string;
  /** The request; undefined: the step is left out. */
  readonly request: (us: Introduction) => readonly string[] | undefined;
  /** Whether to go on after this answer (a line with its type byte). */
  readonly accepts: (line: string) => boolean;
}

/** The capability to take a snapshot of unknown length, with a mark behind it. */
export const CAPA_MARK = "eof";
/** The capability by which our own nodes know each other. */
export const CAPA_FRAMES = "antipode-frames";

/** The option of REPLCONF by which such a replica says whether it needs PINGs in the stream (1 or 0). */
export const OPTION_PINGS = "antipode-pings";

const always = (): boolean => true;

const STEPS: readonly Step[] = [
  {
    name: "ping",
    request: () => ["PING"],
    // A master that wants a password first is alive all the same.
    accepts: (line) => /^(\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(line),
  },
  {
    name: "auth",
    request: ({ user, password }) => {
      if (password === "") return undefined;
      return user === "" ? ["AUTH", password] : ["AUTH", user, password];
    },
    accepts: (line) => line.startsWith("+"),
  },
  {
    name: "listening-port",
    request: ({ port }) => ["REPLCONF", "listening-port", String(port)],
    accepts: always,
  },
  {
    name: "ip-address",
    request: ({ announcedIp }) =>
      announcedIp === "" ? undefined : ["REPLCONF", "ip-address", announcedIp],
    accepts: always,
  },
  {
    name: "capa",
    request: ({ wantsFrames }) => {
      const capas = ["capa", CAPA_MARK, "capa", "psync2"];
      return ["REPLCONF", ...capas, ...(wantsFrames ? ["capa", CAPA_FRAMES] : [])];
    },
    accepts: always,
  },
];

/** The steps to take and their requests. */
export function plan(us: Introduction): { step: Step; request: readonly string[] }[] {
  return STEPS.flatMap((step) => {
    const request = step.request(us);
    return request === undefined ? [] : [{ step, request }];
  });
}

/** The master's answer to PSYNC. */
export type PsyncAnswer =
  /** Go on from where we are; a new id is to be adopted. Frames follow when an epoch is given. */
  | {
      readonly kind: "continue";
      readonly id: string | undefined;
      readonly epoch: number | undefined;
    }
  /** An inline snapshot follows. */
  | { readonly kind: "inline"; readonly id: string; readonly offset: number }
  /** Fetch this snapshot, then PSYNC again from its offset. */
  | {
      readonly kind: "fetch";
      readonly id: string;
      readonly offset: number;
      readonly epoch: number;
      readonly pin: string;
    }
  /** Not now. */
  | { readonly kind: "later"; readonly why: string };

export function parsePsyncAnswer(line: string): PsyncAnswer {
  const words = line.split(" ");
  const offset = Number(words[2]);
  const hasPosition = words[1]?.length === 40 && Number.isSafeInteger(offset) && offset >= 0;
  if (words[0] === "+CONTINUE") {
    const epoch = words[2] === undefined ? undefined : Number(words[2]);
    return { kind: "continue", id: words[1]?.length === 40 ? words[1] : undefined, epoch };
  }
  if (words[0] === "+FULLRESYNC" && hasPosition) return { kind: "inline", id: words[1]!, offset };
  if (words[0] === "+SNAPSHOT" && hasPosition && words[4] !== undefined) {
    return { kind: "fetch", id: words[1]!, offset, epoch: Number(words[3]), pin: words[4] };
  }
  return { kind: "later", why: line.slice(0, 100) };
}
