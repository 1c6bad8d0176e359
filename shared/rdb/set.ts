/** Sets as RDB has them: their members, one behind the other. */
import { detach } from "../base/bytes.ts";
import { encodeLength } from "../base/rdb-primitives.ts";
import type { Limits } from "../types/limits.ts";
import { SetValue } from "../types/set.ts";
import { RdbReader } from "./reader.ts";
import { isStep, type Steps, type ValueCodec } from "./value-codec.ts";

const PLAIN = 2;

/** The head is the number of members. */
export const SET_CODEC: ValueCodec<SetValue> = {
  head: (value) => encodeLength(value.size),
  frame: (head) => ({ type: PLAIN, before: head, after: "" }),
  open: () => new SetValue({ isIntset: false }),
  admit: (value, number, body) => value.admit(number, membersOf(body)),
};

function membersOf(body: string): string[] {
  const reader = new RdbReader(body);
  const members: string[] = [];
  while (reader.at < body.length) members.push(detach(reader.string()));
  return members;
}

/** A set of these members: an intset if they are integers and few enough. */
export function setFromMembers(members: readonly string[], limits: Readonly<Limits>): SetValue {
  const value = emptySet(members.length, limits);
  for (const member of members) value.add(member, limits);
  return value;
}

/** As Redis: one that is too large for an intset is none, even if it says some members twice. */
function emptySet(count: number, limits: Readonly<Limits>): SetValue {
  return new SetValue({ isIntset: count <= limits.intsetEntries });
}

/** The packed forms (11, 20) are in codec.ts. */
export const SET_STEPS: Readonly<Record<number, Steps>> = {
  *[PLAIN](reader, limits) {
    const { at } = reader;
    const count = reader.length();
    const value = emptySet(count, limits);
    for (let i = 0; i < count; i++) {
      value.add(reader.string(), limits);
      if (isStep(i)) yield;
    }
    if (value.size !== count) reader.fail("every member once", at);
    return value;
  },
};
