/** Lists as RDB has them: the number of elements and the elements, type 1. */
import { detach } from "../base/bytes.ts";
import { ListValue } from "../types/list.ts";
import { encodeLength } from "./primitives.ts";
import { RdbReader } from "./reader.ts";
import type { Decoder, ValueCodec } from "./value-codec.ts";

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

/** The packed forms (10, 14, 18) are in codec.ts. */
export const LIST_DECODERS: Readonly<Record<number, Decoder>> = {
  [LIST]: (reader) => {
    const list = new ListValue();
    for (let left = reader.length(); left > 0; left--) list.push("right", detach(reader.string()));
    return list;
  },
};

/** A list of these; they are detached here. */
export function listFromElements(elements: Iterable<string>): ListValue {
  const list = new ListValue();
  for (const element of elements) list.push("right", detach(element));
  return list;
}
