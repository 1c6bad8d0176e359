/**
 * How much of what a client was sent unasked (messages, invalidations, MONITOR's lines) may stand unread:
 * client-output-buffer-limit, as far as the transport tells what was read. Replies are bounded otherwise: a
 * client that does not read them is not run (clients.ts).
 */
import { typeOfClient } from "../engine/client-list.ts";
import type { Config } from "../engine/config.ts";
import type { Connection } from "./connection.ts";

/** 0 bytes: no limit. */
interface Limit {
  readonly hardBytes: number;
  readonly softBytes: number;
  /** How long a client may stay beyond the soft limit. */
  readonly softMs: number;
}

const NO_LIMIT: Limit = { hardBytes: 0, softBytes: 0, softMs: 0 };
/** What holds where the setting sets no limit. */
const BYTES_MAX = 64 << 20;
const SETTING = "client-output-buffer-limit";

export class OutputLimits {
  #limits: ReadonlyMap<string, Limit>;

  constructor(config: Config) {
    this.#limits = parse(config.text(SETTING));
    config.onChange((name) => {
      if (name === SETTING) this.#limits = parse(config.text(SETTING));
    });
  }

  /** The client has left more standing than it may. Asked whenever something was added. */
  isExceeded(connection: Connection, nowMs: number): boolean {
    const byteCount = connection.unsentBytes + connection.out.length;
    const { hardBytes, softBytes, softMs } =
      this.#limits.get(typeOfClient(connection.session)) ?? NO_LIMIT;
    if (byteCount >= (hardBytes || BYTES_MAX)) return true;
    if (softBytes === 0 || byteCount < softBytes) connection.overSoftLimitSinceMs = 0;
    else if (connection.overSoftLimitSinceMs === 0) connection.overSoftLimitSinceMs = nowMs;
    else return nowMs - connection.overSoftLimitSinceMs > softMs;
    return false;
  }
}

/** `normal 0 0 0 pubsub 33554432 8388608 60 …`, as the setting is shown. */
function parse(text: string): Map<string, Limit> {
  const words = text.split(" ");
  const limits = new Map<string, Limit>();
  for (let i = 0; i + 3 < words.length; i += 4) {
    const [hardBytes, softBytes, seconds] = words.slice(i + 1, i + 4).map(Number);
    limits.set(words[i]!, {
      hardBytes: hardBytes!,
      softBytes: softBytes!,
      softMs: seconds! * 1000,
    });
  }
  return limits;
}
