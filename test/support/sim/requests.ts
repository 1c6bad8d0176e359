/** What the clients of a simulation ask: random commands over few keys, and those whose answers tell. */
import type { Chance } from "./chance.ts";

/** What the answer to a request has to prove. */
export type Proof =
  | { readonly kind: "none" }
  /** Once it is answered, this text stands in the log. */
  | { readonly kind: "logged"; readonly text: string }
  /** As many nodes as it says have what was written before. */
  | { readonly kind: "acknowledged" }
  /** Both values were set by one transaction. */
  | { readonly kind: "pair" };

export interface Request {
  readonly args: readonly string[];
  readonly proof: Proof;
}

type Maker = (draw: Draw) => readonly Request[];

/** Database of the pairs: nothing else is written there. */
const PAIR_DB = "1";
const DATABASES = ["0", "0", "0", "2", "7"];
const KEYS = ["a", "b", "c", "d", "{t}e", "{t}f", "g", "h"];

const WRITES: readonly Maker[] = [
  (d) => [d.set()],
  (d) => [d.set()],
  (d) => [d.set()],
  (d) => [d.set("EX", String(d.chance.between(1, 5)))],
  (d) => [d.set("PX", String(d.chance.between(1, 2000)))],
  (d) => plain("SET", d.key(), d.number(), "NX"),
  (d) => plain("INCR", d.key()),
  (d) => plain("INCRBYFLOAT", d.key(), "0.5"),
  (d) => plain("APPEND", d.key(), d.text(20)),
  (d) => plain("DEL", d.key(), d.key()),
  (d) => plain("EXPIRE", d.key(), String(d.chance.between(0, 4))),
  (d) => plain("PERSIST", d.key()),
  (d) => plain("RENAME", d.key(), d.key()),
  (d) => plain("COPY", d.key(), d.key(), "DB", d.database(), "REPLACE"),
  (d) => plain("MOVE", d.key(), d.database()),
  (d) => plain("GETDEL", d.key()),
  (d) => plain("GETEX", d.key(), "PX", String(d.chance.between(1, 500))),
  (d) => plain("SETRANGE", d.key(), String(d.chance.below(40)), d.text(5)),
  (d) => plain("MSET", d.key(), d.text(10), d.key(), d.text(10)),
  (d) => plain("GET", d.key()),
  (d) => plain("SELECT", d.database()),
  (d) => d.pair(),
  (d) => d.pair(),
  (d) => d.transaction(),
  (d) => (d.chance.happens(0.3) ? plain("SWAPDB", d.database(), d.database()) : []),
  (d) => (d.chance.happens(0.2) ? plain(d.chance.of(["FLUSHDB", "FLUSHALL"])) : []),
  (d) => (d.chance.happens(0.1) ? plain("DEBUG", "RELOAD") : []),
  (d) => (d.chance.happens(0.2) ? [d.set(), ...plain("SAVE")] : []),
];

/** A few requests of a client that writes; at most the last one waits. */
export function writes(chance: Chance, token: () => string): readonly Request[] {
  const draw = new Draw(chance, token);
  const requests: Request[] = [];
  const count = chance.happens(0.1) ? 30 : chance.between(1, 4);
  for (let i = 0; i < count; i++) requests.push(...chance.of(WRITES)(draw));
  if (chance.happens(0.15)) {
    const args = ["WAIT", String(chance.between(1, 3)), String(chance.between(20, 1500))];
    requests.push(draw.set(), { args, proof: { kind: "acknowledged" } });
  }
  return requests;
}

/** What a client asks that reads anywhere. */
export function reads(chance: Chance, token: () => string): readonly Request[] {
  const draw = new Draw(chance, token);
  return [
    ...plain("SELECT", PAIR_DB),
    { args: ["MGET", "p1", "p2"], proof: { kind: "pair" } },
    ...plain("SELECT", draw.database()),
    ...plain("MGET", draw.key(), draw.key(), draw.key()),
    ...(chance.happens(0.3) ? plain("SCAN", "0", "COUNT", "100") : plain("DBSIZE")),
  ];
}

function plain(...args: readonly string[]): Request[] {
  return [{ args, proof: { kind: "none" } }];
}

class Draw {
  readonly chance: Chance;
  readonly #token: () => string;

  constructor(chance: Chance, token: () => string) {
    this.chance = chance;
    this.#token = token;
  }

  key(): string {
    return this.chance.of(KEYS);
  }

  database(): string {
    return this.chance.of(DATABASES);
  }

  number(): string {
    return String(this.chance.below(1000));
  }

  /** A text there is once only, and most often a short one. */
  text(lengthMin: number): string {
    const length = this.chance.happens(0.12) ? this.chance.of([300, 1500, 6000]) : lengthMin;
    return this.#token().padEnd(this.chance.happens(0.01) ? 24_000 : length, "x");
  }

  set(...options: readonly string[]): Request {
    const value = this.text(8);
    const text = value.slice(0, 12);
    return { args: ["SET", this.key(), value, ...options], proof: { kind: "logged", text } };
  }

  pair(): readonly Request[] {
    const value = this.#token();
    return [
      ...plain("SELECT", PAIR_DB),
      ...plain("MULTI"),
      ...plain("SET", "p1", value),
      ...plain("SET", "p2", value),
      ...plain("EXEC"),
      ...plain("SELECT", this.database()),
    ];
  }

  transaction(): readonly Request[] {
    const inside: Request[] = [];
    const count = this.chance.between(1, 4);
    for (let i = 0; i < count; i++) {
      inside.push(
        ...plain("SELECT", this.database()),
        ...plain("INCR", this.key()),
        ...plain("SET", this.key(), this.text(8)),
      );
    }
    return [...plain("MULTI"), ...inside, ...plain("EXEC")];
  }
}
