/**
 * The parts of a stream: its blocks, and behind them runs of IDs that are pending, where those are many. A
 * run's number says which list it belongs to, so that all rows of a stream stand in the order of RDB.
 *
 *     0 …                      blocks
 *     RUNS_FROM + list * 2^17  runs of a list; a group's lists are its own (0) and its consumers' (1 …)
 */
import { assert } from "../base/assert.ts";
import { encodeByte, encodeLength } from "../base/rdb-primitives.ts";
import { Part, type Parts, PartLedger } from "./parts.ts";
import type { StreamId } from "./stream-id.ts";

const RUNS_FROM = 2 ** 40;
const RUNS_PER_LIST = 2 ** 17;
/** A group's own list and those of its consumers; whoever comes later has none in parts. */
export const LISTS_PER_GROUP = 2 ** 13;
export const GROUPS_MAX = 2 ** 15;

/** In place of the length of a block's master ID: what follows is a run. */
export const RUN_MARK = encodeByte(0);

/** Whether a part with this number is a run, and of which list. */
export function listOf(number: number): number | undefined {
  return number < RUNS_FROM ? undefined : Math.floor((number - RUNS_FROM) / RUNS_PER_LIST);
}

/** A run of IDs, in order. */
export class IdRun extends Part {
  readonly ids: StreamId[];
  readonly #encodeId: (id: StreamId) => string;

  /** `encodeId` gives what RDB has of each ID in its list. */
  constructor(number: number, ids: StreamId[], encodeId: (id: StreamId) => string) {
    super(number);
    this.ids = ids;
    this.#encodeId = encodeId;
    this.byteCount = ids.length * ID_BYTES;
  }

  /** Its number stands in front, as the head tells what comes before the first run of a list. */
  encode(): string {
    let text = RUN_MARK + encodeLength(this.number);
    for (const id of this.ids) text += this.#encodeId(id);
    return text;
  }
}

/** Rough bytes of an ID in a row. */
export const ID_BYTES = 26;

/** The runs of a stream that are parts, whatever list they belong to. */
export class RunParts {
  readonly #list: IdRun[] = [];
  readonly ledger = new PartLedger(this.#list);

  add(run: IdRun, { isStored = false } = {}): void {
    this.#list.splice(this.#indexOf(run.number), 0, run);
    this.ledger.added(run, { isStored });
  }

  remove(run: IdRun): void {
    this.#list.splice(this.#indexOf(run.number), 1);
    this.ledger.removed(run);
  }

  /** The lowest number among the runs of a list. */
  firstOf(list: number): number {
    const from = RUNS_FROM + list * RUNS_PER_LIST;
    const run = this.#list[this.#indexOf(from)];
    assert(run !== undefined && run.number < from + RUNS_PER_LIST, "a list in parts has runs");
    return run.number;
  }

  /** A number for another run of a list. */
  numberFor(list: number): number {
    const from = RUNS_FROM + list * RUNS_PER_LIST;
    const end = this.#indexOf(from + RUNS_PER_LIST);
    const last = this.#list[end - 1]?.number ?? -1;
    const next = last < from ? from : last + 1;
    if (next < from + RUNS_PER_LIST) return next;
    // The highest one is taken: the first gap from below.
    for (let at = this.#indexOf(from), number = from; ; at++, number++) {
      assert(number < next, "a list has a number for another run");
      if (this.#list[at]?.number !== number) return number;
    }
  }

  /** How many runs have lower numbers. */
  #indexOf(number: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#list[middle]!.number < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Two ledgers as one; the numbers of the second are above those of the first. */
export class JoinedParts implements Parts {
  space = 0;
  readonly #ledgers: readonly [PartLedger<Part>, PartLedger<Part>];

  constructor(first: PartLedger<Part>, second: PartLedger<Part>) {
    this.#ledgers = [first, second];
  }

  get count(): number {
    return this.#ledgers[0].count + this.#ledgers[1].count;
  }

  get isFrozen(): boolean {
    return this.#ledgers[0].isFrozen;
  }

  set isFrozen(isFrozen: boolean) {
    for (const ledger of this.#ledgers) ledger.isFrozen = isFrozen;
  }

  get changedBytes(): number {
    return this.#ledgers[0].changedBytes + this.#ledgers[1].changedBytes;
  }

  *all(): Iterable<Part> {
    for (const ledger of this.#ledgers) yield* ledger.all();
  }

  *changed(): Iterable<Part> {
    for (const ledger of this.#ledgers) yield* ledger.changed();
  }

  *gone(): Iterable<number> {
    for (const ledger of this.#ledgers) yield* ledger.gone();
  }

  stored(): void {
    for (const ledger of this.#ledgers) ledger.stored();
  }

  unstored(): void {
    for (const ledger of this.#ledgers) ledger.unstored();
  }
}
