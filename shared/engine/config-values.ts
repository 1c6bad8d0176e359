/**
 * The kinds of values settings have: how CONFIG SET reads one and how CONFIG GET shows it, in
 * Redis's words and units. `read` answers with what is shown and what the code uses, or with why it
 * refuses.
 */
import { parseInteger } from "../base/numbers.ts";

export interface Parsed {
  /** As CONFIG GET shows it; reading it again gives the same value. */
  readonly shown: string;
  readonly value: number | boolean | string;
}

export interface Refused {
  readonly why: string;
}

export interface Kind {
  /** What the table of settings in the README says. */
  readonly label: string;
  read(text: string, before: string): Parsed | Refused;
}

const INT_MAX = 2_147_483_647;
/**
 * Shown in Redis's messages; values beyond 2^53 are refused, no setting of ours has any use for
 * them.
 */
const LONG_MAX = "9223372036854775807";

/** A whole number. Without `max` Redis's own limit, that of a 64-bit integer, is named. */
export function whole({ min = 0, max = INT_MAX }: { min?: number; max?: number } = {}): Kind {
  return {
    label: "number",
    read: (text) => {
      const value = parseInteger(text);
      if (value === undefined) return { why: "argument couldn't be parsed into an integer" };
      return inRange(value, { min, max });
    },
  };
}

/** Bytes, with Redis's units: 1k is 1000, 1kb is 1024, and so on to gb. Shown in bytes. */
export function memory({ min = 0, max = Infinity }: { min?: number; max?: number } = {}): Kind {
  return {
    label: "bytes",
    read: (text) => {
      const value = parseMemory(text);
      if (value === undefined) return { why: "argument must be a memory value" };
      return inRange(value, { min, max });
    },
  };
}

/** Bytes, or a share of the memory limit (`10%`), which is 0 here: there is none. */
export function memoryOrPercent(): Kind {
  return {
    label: "bytes or percent",
    read: (text) => {
      const percent = /^(\d{1,9})%$/.exec(text);
      if (percent !== null) {
        if (Number(percent[1]) > 100) {
          return { why: "percentage argument must be less or equal to 100" };
        }
        return { shown: text, value: 0 };
      }
      const value = parseMemory(text);
      if (value === undefined) return { why: "argument must be a memory or percent value" };
      return inRange(value, { min: 0, max: Infinity });
    },
  };
}

/** Redis sets hz to the nearest value it allows instead of refusing. */
export function clamped({ min, max }: { min: number; max: number }): Kind {
  const any = whole({ min: -INT_MAX, max: INT_MAX });
  return {
    label: "number",
    read: (text, before) => {
      const read = any.read(text, before);
      if ("why" in read) return read;
      const value = Math.min(max, Math.max(min, read.value as number));
      return { shown: String(value), value };
    },
  };
}

/** `yes` or `no`, in any case. */
export function yesNo(): Kind {
  return {
    label: "yes/no",
    read: (text) => {
      const shown = text.toLowerCase();
      if (shown !== "yes" && shown !== "no") return { why: "argument must be 'yes' or 'no'" };
      return { shown, value: shown === "yes" };
    },
  };
}

/** One of a few words, in any case. */
export function oneOf(...words: readonly string[]): Kind {
  return {
    label: words.join(", "),
    read: (text) => {
      const shown = text.toLowerCase();
      if (words.includes(shown)) return { shown, value: shown };
      return { why: `argument(s) must be one of the following: ${words.join(", ")}` };
    },
  };
}

/** How fresh reads are (replication/freshness.ts): a word, or `max-lag=` and milliseconds. */
export function readContract(): Kind {
  return {
    label: "strong, token, any, max-lag=MS",
    read: (text) => {
      const shown = text.toLowerCase();
      if (/^(strong|token|any|max-lag=(0|[1-9]\d{0,11}))$/.test(shown))
        return { shown, value: shown };
      return { why: "argument must be one of the following: strong, token, any, max-lag=MS" };
    },
  };
}

/**
 * What Redis lets one choose and we do not: any other value than ours is refused with the reason.
 */
export function only(shown: string, why: string): Kind {
  return {
    label: shown,
    read: (text) => (text.toLowerCase() === shown ? { shown, value: shown } : { why }),
  };
}

/** Any bytes, up to `bytesMax` of them. */
export function anyText({ bytesMax = Infinity }: { bytesMax?: number } = {}): Kind {
  return {
    label: "text",
    read: (text) => {
      if (text.length > bytesMax) return { why: `argument must be at most ${bytesMax} bytes` };
      return { shown: text, value: text };
    },
  };
}

/** `save`: pairs of seconds and changes, or nothing. */
export function savePoints(): Kind {
  return {
    label: "seconds changes …",
    read: (text) => {
      // Redis is strict here: two blanks make an empty word, which is no number.
      const words = text === "" ? [] : text.split(" ");
      const isGood = words.every((word, i) => {
        const value = parseInteger(word);
        return typeof value === "number" && value >= (i % 2 === 0 ? 1 : 0);
      });
      if (!isGood || words.length % 2 === 1) return { why: "Invalid save parameters" };
      return { shown: words.join(" "), value: words.join(" ") };
    },
  };
}

const CLASSES = new Map([
  ["normal", "normal"],
  ["slave", "slave"],
  ["replica", "slave"],
  ["pubsub", "pubsub"],
]);

/** `client-output-buffer-limit`: some classes are set, the others stay as they are. */
export function outputLimits(): Kind {
  return {
    label: "class hard soft seconds …",
    read: (text, before) => {
      const words = wordsOf(text);
      if (words.length === 0 || words.length % 4 !== 0) {
        return { why: "Wrong number of arguments in buffer limit configuration." };
      }
      const limits = new Map<string, string>();
      for (const [name, limit] of fours(wordsOf(before))) limits.set(name, limit.join(" "));
      for (const [name, limit] of fours(words)) {
        const known = CLASSES.get(name.toLowerCase());
        if (known === undefined) {
          return { why: "Invalid client class specified in buffer limit configuration." };
        }
        const [hard, soft] = [parseMemory(limit[0]!), parseMemory(limit[1]!)];
        const seconds = parseInteger(limit[2]!);
        if (hard === undefined || soft === undefined || !(Number(seconds) >= 0)) {
          const why = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
          return { why };
        }
        limits.set(known, `${hard} ${soft} ${seconds}`);
      }
      const shown = [...limits].map(([name, limit]) => `${name} ${limit}`).join(" ");
      return { shown, value: shown };
    },
  };
}

/** The letters in the order Redis shows them; `A` stands for those marked. */
const EVENT_CLASSES = "g$lshzxetd".split("");

/** `notify-keyspace-events`: letters of event classes, shown in Redis's order. */
export function eventClasses(): Kind {
  return {
    label: "letters",
    read: (text) => {
      if (!/^[Ag$lshzxeKEtmdn]*$/.test(text)) {
        return { why: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." };
      }
      const given = new Set(text);
      if (given.has("A")) for (const letter of EVENT_CLASSES) given.add(letter);
      const isAll = EVENT_CLASSES.every((letter) => given.has(letter));
      const classes = isAll ? "A" : EVENT_CLASSES.filter((x) => given.has(x)).join("");
      const rest = ["n", "K", "E", "m"].filter((letter) => given.has(letter)).join("");
      return { shown: classes + rest, value: classes + rest };
    },
  };
}

/** Percentiles from 0 to 100. */
export function percentiles(name: string): Kind {
  return {
    label: "percentiles",
    read: (text) => {
      const words = wordsOf(text);
      if (!words.every((word) => /^[+-]?(\d+\.?\d*|\.\d+)$/.test(word))) {
        return { why: `Invalid ${name} parameters` };
      }
      const values = words.map(Number);
      if (values.some((value) => value < 0 || value > 100)) {
        return { why: `${name} parameters should sit between [0.0,100.0]` };
      }
      return { shown: values.join(" "), value: values.join(" ") };
    },
  };
}

function inRange(
  value: number | bigint,
  { min, max }: { min: number; max: number },
): Parsed | Refused {
  if (typeof value === "bigint" || value < min || value > max) {
    const shownMax = max > Number.MAX_SAFE_INTEGER ? LONG_MAX : String(max);
    return { why: `argument must be between ${min} and ${shownMax} inclusive` };
  }
  return { shown: String(value), value };
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** Bytes as Redis's memtoull reads them; undefined when they are not, or pass 2^53. */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d{1,16})([a-z]{0,2})$/i.exec(text);
  const unit = UNITS[match?.[2]?.toLowerCase() ?? "-"];
  if (match === null || unit === undefined) return undefined;
  const value = Number(match[1]) * unit;
  return Number.isSafeInteger(value) ? value : undefined;
}

function wordsOf(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function fours(words: readonly string[]): [string, readonly string[]][] {
  const found: [string, readonly string[]][] = [];
  for (let i = 0; i + 3 < words.length; i += 4) found.push([words[i]!, words.slice(i + 1, i + 4)]);
  return found;
}
