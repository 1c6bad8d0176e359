/**
 * Lists: strings in nodes of some 128, so that a push in front, an insertion and a checkpoint move no more
 * than one node, and a place in a million elements is found over some thousand nodes. A node is a part:
 * numbers grow along the list, with gaps for nodes to come between.
 */
import { encodeString } from "../base/rdb-primitives.ts";
import { Part, PART_BYTES_MAX, PART_NUMBER_LIMIT, PartLedger } from "./parts.ts";
import type { DigestSink, ValueObject } from "./value.ts";

const NODE_ELEMENTS_MAX = 128;
/** Two neighbours that together hold no more than this become one, after a removal between the ends. */
const MERGE_ELEMENTS_MAX = NODE_ELEMENTS_MAX / 2;
const MERGE_BYTES_MAX = PART_BYTES_MAX / 2;
/** A string's header and its place in an array, as V8 has them (rounded). */
const ELEMENT_BYTES = 24;

const FIRST_NUMBER = PART_NUMBER_LIMIT / 2;
/** Between neighbours: 33 million nodes may come at an end, and a node be divided 20 times over. */
const NUMBER_GAP = 2 ** 20;

export type End = "left" | "right";

/** Which matches of an element are wanted, as LPOS says it. */
export interface Search {
  /** From which end on. */
  readonly from: End;
  /** Matches to pass over. */
  readonly skip: number;
  /** Matches, and elements looked at, at most. */
  readonly countMax: number;
  readonly lengthMax: number;
}

class ListNode extends Part {
  readonly elements: string[];
  /** Where its first element stands, counted from any place that is the same for all nodes. */
  start = 0;

  constructor(number: number, elements: string[]) {
    super(number);
    this.elements = elements;
    this.byteCount = bytesOf(elements, 0, elements.length);
  }

  encode(): string {
    let text = "";
    for (const element of this.elements) text += encodeString(element);
    return text;
  }
}

/** Elements that are put in must be detached. */
export class ListValue implements ValueObject {
  readonly type = "list";
  /** Whatever its size, as Redis 7.0 has it. */
  readonly encoding = "quicklist";
  /** None is empty. */
  readonly #nodes: ListNode[] = [];
  readonly parts: PartLedger<ListNode> = new PartLedger(this.#nodes);
  size = 0;
  /** The nodes know where they start. Changes at the ends leave it so. */
  #isIndexed = true;

  get byteCount(): number {
    return this.parts.byteCount;
  }

  // -- the ends ------------------------------------------------------------------------------------

  push(end: End, element: string): void {
    const isLeft = end === "left";
    const nodes = this.#nodes;
    let node = isLeft ? nodes[0] : nodes[nodes.length - 1];
    if (node === undefined || !hasRoom(node, element)) {
      node = this.#addNode(end, []);
    }
    if (isLeft) {
      node.elements.unshift(element);
      node.start--;
    } else node.elements.push(element);
    this.size++;
    this.parts.changedBy(node, element.length + ELEMENT_BYTES);
  }

  pop(end: End): string | undefined {
    const isLeft = end === "left";
    const nodes = this.#nodes;
    const node = isLeft ? nodes[0] : nodes[nodes.length - 1];
    if (node === undefined) return undefined;
    const element = isLeft ? node.elements.shift()! : node.elements.pop()!;
    if (isLeft) node.start++;
    this.size--;
    this.parts.changedBy(node, -(element.length + ELEMENT_BYTES));
    if (node.elements.length > 0) return element;
    if (isLeft) nodes.shift();
    else nodes.pop();
    this.parts.removed(node);
    return element;
  }

  /** Removes so many elements from an end. */
  drop(end: End, count: number): void {
    const nodes = this.#nodes;
    let left = Math.min(count, this.size);
    this.size -= left;
    let wholeNodes = 0;
    const at = (i: number): ListNode => nodes[end === "left" ? i : nodes.length - 1 - i]!;
    while (left > 0 && at(wholeNodes).elements.length <= left) {
      left -= at(wholeNodes).elements.length;
      wholeNodes++;
    }
    const dropped = nodes.splice(end === "left" ? 0 : nodes.length - wholeNodes, wholeNodes);
    for (const node of dropped) this.parts.removed(node);
    if (left === 0) return;
    const node = at(0);
    const { elements } = node;
    const from = end === "left" ? 0 : elements.length - left;
    const byteCount = bytesOf(elements, from, from + left);
    elements.splice(from, left);
    if (end === "left") node.start += left;
    this.parts.changedBy(node, -byteCount);
  }

  // -- places --------------------------------------------------------------------------------------

  /** The element at an index from 0 on. */
  at(index: number): string | undefined {
    const place = this.#find(index);
    return place && this.#nodes[place.at]!.elements[place.offset];
  }

  /** Replaces the element at an index; false when there is none. */
  set(index: number, element: string): boolean {
    const place = this.#find(index);
    if (place === undefined) return false;
    const node = this.#nodes[place.at]!;
    const before = node.elements[place.offset]!;
    node.elements[place.offset] = element;
    this.parts.changedBy(node, element.length - before.length);
    this.#divideIfLarge(place.at);
    return true;
  }

  /** Puts an element beside the first that equals `pivot`; false when none does. */
  insert(pivot: string, element: string, isAfter: boolean): boolean {
    const nodes = this.#nodes;
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at]!;
      const offset = node.elements.indexOf(pivot);
      if (offset < 0) continue;
      node.elements.splice(isAfter ? offset + 1 : offset, 0, element);
      this.size++;
      this.#isIndexed = false;
      this.parts.changedBy(node, element.length + ELEMENT_BYTES);
      this.#divideIfLarge(at);
      return true;
    }
    return false;
  }

  /** Elements from an index on, up to another one (exclusive). */
  slice(from: number, to: number): string[] {
    const found: string[] = [];
    const place = this.#find(from);
    if (place === undefined) return found;
    let left = Math.min(to, this.size) - from;
    let { offset } = place;
    for (let at = place.at; left > 0; at++) {
      const { elements } = this.#nodes[at]!;
      const end = Math.min(elements.length, offset + left);
      left -= end - offset;
      for (; offset < end; offset++) found.push(elements[offset]!);
      offset = 0;
    }
    return found;
  }

  /** Indexes of the elements that equal this one, in the order they are met. */
  indexesOf(element: string, { from, skip, countMax, lengthMax }: Search): number[] {
    const nodes = this.#nodes;
    const found: number[] = [];
    const step = from === "left" ? 1 : -1;
    let at = from === "left" ? 0 : nodes.length - 1;
    let index = from === "left" ? 0 : this.size - 1;
    let left = Math.min(lengthMax, this.size);
    let passed = 0;
    for (; left > 0; at += step) {
      const { elements } = nodes[at]!;
      const steps = Math.min(elements.length, left);
      let offset = from === "left" ? 0 : elements.length - 1;
      for (let i = 0; i < steps; i++, offset += step, index += step) {
        if (elements[offset] !== element || passed++ < skip) continue;
        found.push(index);
        if (found.length >= countMax) return found;
      }
      left -= steps;
    }
    return found;
  }

  /** Removes up to so many elements that equal this one, those nearest to an end; returns how many. */
  remove(element: string, countMax: number, from: End): number {
    const nodes = this.#nodes;
    const wanted = Math.min(countMax, this.size);
    let left = wanted;
    for (let i = 0; i < nodes.length && left > 0; i++) {
      const node = nodes[from === "left" ? i : nodes.length - 1 - i]!;
      const count = countOf(node.elements, element);
      if (count === 0) continue;
      const taken = Math.min(count, left);
      removeFrom(node.elements, element, { pass: from === "left" ? 0 : count - taken, taken });
      this.parts.changedBy(node, -taken * (element.length + ELEMENT_BYTES));
      left -= taken;
    }
    const removed = wanted - left;
    this.size -= removed;
    if (removed > 0) this.#compact();
    return removed;
  }

  // -- the whole -----------------------------------------------------------------------------------

  clone(): ListValue {
    const copy = new ListValue();
    copy.size = this.size;
    for (const { elements } of this.#nodes) copy.#addNode("right", [...elements]);
    return copy;
  }

  digest(sink: DigestSink): void {
    for (const { elements } of this.#nodes) for (const element of elements) sink.inOrder(element);
  }

  /** Takes a part as it was stored. */
  admit(number: number, elements: string[]): void {
    const node = new ListNode(number, elements);
    let at = this.#nodes.length;
    while (at > 0 && this.#nodes[at - 1]!.number > number) at--;
    this.#nodes.splice(at, 0, node);
    this.size += elements.length;
    this.#isIndexed = false;
    this.parts.added(node, { isStored: true });
  }

  #find(index: number): { at: number; offset: number } | undefined {
    if (!(index >= 0 && index < this.size)) return undefined;
    if (!this.#isIndexed) this.#index();
    const nodes = this.#nodes;
    const target = nodes[0]!.start + index;
    let low = 0;
    let high = nodes.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (nodes[middle]!.start <= target) low = middle;
      else high = middle;
    }
    return { at: low, offset: target - nodes[low]!.start };
  }

  #index(): void {
    let start = 0;
    for (const node of this.#nodes) {
      node.start = start;
      start += node.elements.length;
    }
    this.#isIndexed = true;
  }

  // -- nodes ---------------------------------------------------------------------------------------

  /** Puts a node at an end. */
  #addNode(end: End, elements: string[]): ListNode {
    const nodes = this.#nodes;
    const node = new ListNode(this.#numberAt(end === "left" ? 0 : nodes.length), elements);
    if (end === "left") {
      node.start = (nodes[0]?.start ?? 0) - elements.length;
      nodes.unshift(node);
    } else {
      const last = nodes[nodes.length - 1];
      node.start = last === undefined ? 0 : last.start + last.elements.length;
      nodes.push(node);
    }
    this.parts.added(node);
    return node;
  }

  /** A number for a node that comes to stand there. */
  #numberAt(at: number): number {
    const before = this.#nodes[at - 1]?.number;
    const next = this.#nodes[at]?.number;
    let number = FIRST_NUMBER;
    if (before !== undefined && next !== undefined) number = Math.floor((before + next) / 2);
    else if (before !== undefined) number = before + NUMBER_GAP;
    else if (next !== undefined) number = next - NUMBER_GAP;
    const isFree = number !== before && number >= 0 && number < PART_NUMBER_LIMIT;
    if (isFree) return number;
    this.#renumber();
    return this.#numberAt(at);
  }

  /**
   * Gives all nodes new numbers, around the middle of the range. All of them leave before the first comes
   * back: a number may be another node's until then.
   */
  #renumber(): void {
    const nodes = this.#nodes;
    const gap = Math.min(NUMBER_GAP, Math.floor(FIRST_NUMBER / (nodes.length + 1)));
    const first = FIRST_NUMBER - Math.floor(nodes.length / 2) * gap;
    for (const node of nodes) this.parts.removed(node);
    for (let at = 0; at < nodes.length; at++) {
      const { elements, start } = nodes[at]!;
      const node = new ListNode(first + at * gap, elements);
      node.start = start;
      nodes[at] = node;
      this.parts.added(node);
    }
  }

  /** Halves a node for as long as it holds too much; a single element may. */
  #divideIfLarge(at: number): void {
    const { elements, byteCount } = this.#nodes[at]!;
    if (elements.length < 2) return;
    if (elements.length <= NODE_ELEMENTS_MAX && byteCount <= PART_BYTES_MAX) return;
    // Its own number may change for want of one behind it; then it is another object.
    const number = this.#numberAt(at + 1);
    const upper = new ListNode(number, elements.splice(elements.length >>> 1));
    const lower = this.#nodes[at]!;
    upper.start = lower.start + lower.elements.length;
    this.parts.changedBy(lower, -upper.byteCount);
    this.#nodes.splice(at + 1, 0, upper);
    this.parts.added(upper);
    this.#divideIfLarge(at + 1);
    this.#divideIfLarge(at);
  }

  /** Removes empty nodes, and merges small ones with the one before them. */
  #compact(): void {
    const nodes = this.#nodes;
    this.#isIndexed = false;
    let kept = 0;
    for (const node of nodes) {
      const before = kept > 0 ? nodes[kept - 1] : undefined;
      if (node.elements.length === 0) this.parts.removed(node);
      else if (before !== undefined && canMerge(before, node)) {
        for (const element of node.elements) before.elements.push(element);
        this.parts.changedBy(before, node.byteCount);
        this.parts.removed(node);
      } else nodes[kept++] = node;
    }
    nodes.length = kept;
  }
}

function hasRoom({ elements, byteCount }: ListNode, element: string): boolean {
  if (elements.length >= NODE_ELEMENTS_MAX) return false;
  return elements.length === 0 || byteCount + element.length + ELEMENT_BYTES <= PART_BYTES_MAX;
}

function canMerge(a: ListNode, b: ListNode): boolean {
  const elementCount = a.elements.length + b.elements.length;
  return elementCount <= MERGE_ELEMENTS_MAX && a.byteCount + b.byteCount <= MERGE_BYTES_MAX;
}

function bytesOf(elements: readonly string[], from: number, to: number): number {
  let byteCount = 0;
  for (let i = from; i < to; i++) byteCount += elements[i]!.length + ELEMENT_BYTES;
  return byteCount;
}

function countOf(elements: readonly string[], element: string): number {
  let count = 0;
  for (const each of elements) if (each === element) count++;
  return count;
}

/** Passes over some elements that equal this one and removes the next ones. */
function removeFrom(
  elements: string[],
  element: string,
  { pass, taken }: { pass: number; taken: number },
): void {
  let seen = 0;
  let kept = 0;
  for (const each of elements) {
    const isTaken = each === element && seen++ >= pass && seen <= pass + taken;
    if (!isTaken) elements[kept++] = each;
  }
  elements.length = kept;
}
