/** Lists as RDB has them: the number of elements and the elements, type 1. */
import { detach } from "../base/bytes.ts";
import { ListValue } from "../types/list.ts";
import { encodeLength } from "./primitives.ts";
import { RdbReader } from "./reader.ts";
import { listpackNodes, ziplistNodes } from "./quicklist.ts";
import { isStep, type Steps, type ValueCodec } from "./value-codec.ts";

const LIST = 1;

export const LIST_CODEC: ValueCodec<ListValue> = {
  head: ({ size }) => encodeLength(size),
  frame: (head) => ({ type: LIST, before: head, after: "" }),
  open: () => new ListValue(),
  admit: (list, number, body) => {
    const reader = new RdbReader(body);
    const elements: string[] = [];
    while (reader.at < body.length) elements.push(detach(reader.string()));
    list.admit(number, elements);
  },
};

/** The packed form (10) is in codec.ts. */
export const LIST_STEPS: Readonly<Record<number, Steps>> = {
  *[LIST](reader) {
    const list = new ListValue();
    const count = reader.length();
    for (let i = 0; i < count; i++) {
      list.push("right", detach(reader.string()));
      if (isStep(i)) yield;
    }
    return list;
  },
  14: (reader) => gather(ziplistNodes(reader)),
  18: (reader) => gather(listpackNodes(reader)),
};

function* gather(elements: Iterable<string>): Generator<undefined, ListValue, undefined> {
  const list = new ListValue();
  for (const element of elements) {
    list.push("right", detach(element));
    if (isStep(list.size)) yield;
  }
  return list;
}

/** A list of these; they are detached here. */
export function listFromElements(elements: Iterable<string>): ListValue {
  const list = new ListValue();
  for (const element of elements) list.push("right", detach(element));
  return list;
}
