/**
 * How much a script may use. Where the platform's clock stands still while code runs, only what is counted
 * ends an endless loop: instructions, and for what commands and libraries do, about as many as take as long.
 * Where the clock goes on, it has its say too.
 */

/** Memory a script may use beside the data set, libraries included; and as much may leave it at once. */
export const MEMORY_BYTES_MAX = 48 * 1024 * 1024;
/** What a value takes on our side, whatever is in it; and a table, beside its elements. */
const VALUE_BYTES = 32;
export const TABLE_BYTES = 128;

/** Instructions between two looks at whether the budget is spent. */
export const TICK_INSTRUCTIONS = 1000;
/**
 * Fuel that the machine is given at a time (a turn of any loop of the interpreter's own takes one, Lua's
 * instructions among them), and instructions that take as long: four of it take 6 to 60 ns, mostly 12 to 32.
 */
export const FUEL = 10_000;
export const FUEL_INSTRUCTIONS = FUEL / 4;
/** What may run beyond the budget until Lua's next instruction, where it can be stopped in good order. */
const OVERDRAFT_INSTRUCTIONS = 1_000_000;
/** What a slow machine runs in a millisecond. */
const INSTRUCTIONS_PER_MS = 50_000;
/** Instructions between two looks at the clock. */
const LOOK_INSTRUCTIONS = 20_000;
/** Bytes copied in the time of an instruction. */
const COPIED_PER_INSTRUCTION = 64;
/**
 * Instructions that run in the time of a byte of JSON, MessagePack and the like, read or written: as many as
 * where each value is a byte or two.
 */
export const INSTRUCTIONS_PER_BYTE = 16;
/** Instructions that run in the time an error of ours takes on its way into Lua. */
export const ERROR_INSTRUCTIONS = 1000;
/** The same of any error, on its way to who catches it: it is one of JavaScript's. */
export const JUMP_INSTRUCTIONS = 200;
/** The same of a call of a function of ours, whatever that does. */
export const CROSSING_INSTRUCTIONS = 10;

export class Budget {
  readonly #clockUs: () => number;
  #left = Infinity;
  #unseen = 0;
  #startUs: number | undefined;
  #limitUs = Infinity;
  isSpent = false;
  /** Spent, and what runs has not ended by itself since. */
  isOverdrawn = false;

  constructor(clockUs: () => number) {
    this.#clockUs = clockUs;
  }

  /** From now on: so many milliseconds; 0: without limit. */
  begin(limitMs: number): void {
    this.#left = limitMs > 0 ? limitMs * INSTRUCTIONS_PER_MS : Infinity;
    this.#limitUs = limitMs > 0 ? limitMs * 1000 : Infinity;
    this.#unseen = 0;
    this.#startUs = undefined;
    this.isSpent = false;
    this.isOverdrawn = false;
  }

  /** What runs from now on is nobody's, and short. */
  end(): void {
    this.begin(0);
  }

  spend(instructions: number): void {
    this.#left -= instructions;
    if (this.#left < 0) {
      this.isSpent = true;
      this.isOverdrawn = this.#left < -OVERDRAFT_INSTRUCTIONS;
    }
    this.#unseen += instructions;
    if (this.#unseen >= LOOK_INSTRUCTIONS) this.#look();
  }

  spendBytes(bytes: number): void {
    this.spend(bytes / COPIED_PER_INSTRUCTION);
  }

  #look(): void {
    this.#unseen = 0;
    const nowUs = this.#clockUs();
    this.#startUs ??= nowUs;
    if (nowUs - this.#startUs <= this.#limitUs) return;
    this.isSpent = true;
    this.#left = Math.min(this.#left, 0);
  }
}

/**
 * What leaves a machine for a reply, a command, a text: what is small there can be large here, as a table
 * can have the same string or table a thousand times.
 */
export class Gauge {
  #left = MEMORY_BYTES_MAX;
  /** Instructions in the time that all of it has taken to be written. */
  work = 0;

  /** Whether there is room for one value more, of so many bytes. */
  hasRoom(bytes: number): boolean {
    this.#left -= bytes + VALUE_BYTES;
    this.work += (bytes + 2) * INSTRUCTIONS_PER_BYTE;
    return this.#left >= 0;
  }
}
