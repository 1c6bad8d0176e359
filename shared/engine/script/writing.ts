/** What libraries make a text of: it is charged for, whether it comes to its end or to an error. */
import { LUA } from "../../lua/machine.ts";
import { Gauge, INSTRUCTIONS_PER_BYTE } from "./budget.ts";
import type { Interpreter } from "./interpreter.ts";

/** Pushes what `write` makes; the gauge is told of each value that it looks at. */
export function pushWritten(interpreter: Interpreter, write: (gauge: Gauge) => string): number {
  const gauge = new Gauge();
  let text: string;
  try {
    text = write(gauge);
  } catch (error) {
    // Not raised here, where an error is on its way: what runs next is stopped by it.
    interpreter.budget.spend(gauge.work);
    throw error;
  }
  interpreter.spend(Math.max(gauge.work, text.length * INSTRUCTIONS_PER_BYTE));
  interpreter.lua.pushBytes(text);
  return 1;
}

/** What a table's keys are as places of an array. */
export interface Places {
  readonly count: number;
  readonly max: number;
}

/**
 * Looks at the keys of the table on top of the stack; undefined: they are no places, or not all of them.
 * Beyond `keyMax` a key is not taken for the highest.
 */
export function placesOf(
  { lua, budget }: Interpreter,
  { keyMax = Number.POSITIVE_INFINITY } = {},
): Places | undefined {
  let count = 0;
  let max = 0;
  let isArray = true;
  lua.pushNil();
  while (lua.next(-2)) {
    lua.pop();
    count++;
    const key = lua.type(-1) === LUA.number ? lua.number(-1) : 0;
    isArray = Number.isInteger(key) && key >= 1;
    if (!isArray) {
      lua.pop();
      break;
    }
    if (key <= keyMax) max = Math.max(max, key);
  }
  budget.spend(count * LOOK_INSTRUCTIONS);
  return isArray ? { count, max } : undefined;
}

/** Instructions in the time that a look at a key takes. */
const LOOK_INSTRUCTIONS = 16;
