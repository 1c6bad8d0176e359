/**
 * The members of a sorted set by score, and by their bytes where scores are equal: a B+tree whose branches
 * know how many elements are below each child. So finding an element, its rank, or the element of a rank
 * takes a handful of steps, and a leaf's scores lie together as plain doubles.
 */

/** Elements of a leaf and children of a branch at most (measured: 64 to 256 differ by less than 10 %). */
const LEAF_MAX = 128;
const BRANCH_MAX = 64;

class Leaf {
  readonly scores: number[] = [];
  readonly members: string[] = [];
  next: Leaf | undefined;
  previous: Leaf | undefined;

  get size(): number {
    return this.members.length;
  }
}

class Branch {
  readonly children: Node[] = [];
  /** Elements below each child. */
  readonly counts: number[] = [];
  /** What is below a child is no less than this, and what is before it is less; the first one's is not used. */
  readonly lowScores: number[] = [];
  readonly lowMembers: string[] = [];

  get size(): number {
    let size = 0;
    for (const count of this.counts) size += count;
    return size;
  }
}

type Node = Leaf | Branch;

/** A node that was divided has this beside it. */
interface Split {
  readonly node: Node;
  readonly lowScore: number;
  readonly lowMember: string;
}

/** Elements in a row, as two lists of the same length. */
export interface Slice {
  readonly members: string[];
  readonly scores: number[];
}

export class ScoreTree {
  #root: Node = new Leaf();
  size = 0;

  /** Takes an element that is not there; the string is kept. */
  insert(score: number, member: string): void {
    this.size++;
    const root = this.#root;
    const split = insertBelow(root, score, member);
    if (split === undefined) return;
    const grown = new Branch();
    addChild(grown, 0, { node: root, lowScore: Number.NEGATIVE_INFINITY, lowMember: "" });
    addChild(grown, 1, split);
    this.#root = grown;
  }

  /** Removes an element that is there with this score. */
  remove(score: number, member: string): void {
    this.size--;
    removeBelow(this.#root, score, member);
    while (this.#root instanceof Branch && this.#root.children.length <= 1) {
      this.#root = this.#root.children[0] ?? new Leaf();
    }
  }

  /** Gives an element that is there with one score another one. It stays the same string. */
  move(member: string, { from, to }: { readonly from: number; readonly to: number }): void {
    let node = this.#root;
    while (node instanceof Branch) node = node.children[childOf(node, from, member)]!;
    const at = placeIn(node, from, member);
    const own = node.members[at]!;
    if (fits(node, at, to)) node.scores[at] = to;
    else {
      this.remove(from, own);
      this.insert(to, own);
    }
  }

  /** How many elements are before this one, which may be there or not. */
  rank(score: number, member: string): number {
    let rank = 0;
    let node = this.#root;
    while (node instanceof Branch) {
      const at = childOf(node, score, member);
      for (let i = 0; i < at; i++) rank += node.counts[i]!;
      node = node.children[at]!;
    }
    return rank + placeIn(node, score, member);
  }

  /** How many elements have a lower score; where `orEqual`, this score or a lower one. */
  countBelow(score: number, orEqual: boolean): number {
    let count = 0;
    let node = this.#root;
    while (node instanceof Branch) {
      const at = firstAbove(node.lowScores, { score, orEqual, from: 1 }) - 1;
      for (let i = 0; i < at; i++) count += node.counts[i]!;
      node = node.children[at]!;
    }
    return count + firstAbove(node.scores, { score, orEqual, from: 0 });
  }

  /** The member of a rank, from 0 on. */
  memberAt(rank: number): string {
    const { leaf, index } = this.#locate(rank);
    return leaf.members[index]!;
  }

  /** Elements from a rank on, up or (`isReverse`) down; all of them must be there. */
  slice(from: number, count: number, isReverse = false): Slice {
    const members: string[] = [];
    const scores: number[] = [];
    if (count <= 0) return { members, scores };
    let { leaf, index }: Place = this.#locate(from);
    for (let left = count; left > 0; left--) {
      members.push(leaf.members[index]!);
      scores.push(leaf.scores[index]!);
      if (left === 1) break;
      if (isReverse) {
        if (--index >= 0) continue;
        leaf = leaf.previous!;
        index = leaf.size - 1;
      } else if (++index === leaf.size) {
        leaf = leaf.next!;
        index = 0;
      }
    }
    return { members, scores };
  }

  clone(): ScoreTree {
    const copy = new ScoreTree();
    const leaves: Leaf[] = [];
    copy.#root = cloneNode(this.#root, leaves);
    for (let at = 1; at < leaves.length; at++) {
      leaves[at]!.previous = leaves[at - 1]!;
      leaves[at - 1]!.next = leaves[at]!;
    }
    copy.size = this.size;
    return copy;
  }

  #locate(rank: number): Place {
    let node = this.#root;
    let index = rank;
    while (node instanceof Branch) {
      let at = 0;
      while (index >= node.counts[at]!) index -= node.counts[at++]!;
      node = node.children[at]!;
    }
    return { leaf: node, index };
  }
}

interface Place {
  leaf: Leaf;
  index: number;
}

/** Adds the leaves below to the list, in order. */
function cloneNode(node: Node, leaves: Leaf[]): Node {
  if (node instanceof Leaf) {
    const leaf = new Leaf();
    leaf.scores.push(...node.scores);
    leaf.members.push(...node.members);
    leaves.push(leaf);
    return leaf;
  }
  const branch = new Branch();
  for (const child of node.children) branch.children.push(cloneNode(child, leaves));
  branch.counts.push(...node.counts);
  branch.lowScores.push(...node.lowScores);
  branch.lowMembers.push(...node.lowMembers);
  return branch;
}

// -- finding -----------------------------------------------------------------------------------------

/** Where the element stands in a leaf, or would. */
function placeIn({ scores, members }: Leaf, score: number, member: string): number {
  let low = 0;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle]!;
    if (other < score || (other === score && members[middle]! < member)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether an element, and not the first or last of its leaf, keeps its place with this score. */
function fits({ scores, members }: Leaf, at: number, score: number): boolean {
  if (at === 0 || at + 1 >= members.length) return false;
  const before = scores[at - 1]!;
  const after = scores[at + 1]!;
  if (before > score || after < score) return false;
  const isAfter = before < score || members[at - 1]! < members[at]!;
  return isAfter && (after > score || members[at]! < members[at + 1]!);
}

/** The child below which the element stands, or would. */
function childOf(branch: Branch, score: number, member: string): number {
  const { lowScores, lowMembers } = branch;
  let low = 1;
  let high = lowScores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = lowScores[middle]!;
    if (other < score || (other === score && lowMembers[middle]! <= member)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The first place, from `from` on, with a higher score, or as high a one where not `orEqual`. */
function firstAbove(
  scores: readonly number[],
  { score, orEqual, from }: { score: number; orEqual: boolean; from: number },
): number {
  let low = from;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle]!;
    if (other < score || (orEqual && other === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// -- inserting ---------------------------------------------------------------------------------------

function insertBelow(node: Node, score: number, member: string): Split | undefined {
  if (node instanceof Leaf) return insertInto(node, score, member);
  const at = childOf(node, score, member);
  node.counts[at]!++;
  const split = insertBelow(node.children[at]!, score, member);
  if (split === undefined) return undefined;
  addChild(node, at + 1, split);
  node.counts[at]! -= node.counts[at + 1]!;
  return node.children.length > BRANCH_MAX ? splitBranch(node) : undefined;
}

function addChild(branch: Branch, at: number, { node, lowScore, lowMember }: Split): void {
  branch.children.splice(at, 0, node);
  branch.counts.splice(at, 0, node.size);
  branch.lowScores.splice(at, 0, lowScore);
  branch.lowMembers.splice(at, 0, lowMember);
}

function insertInto(leaf: Leaf, score: number, member: string): Split | undefined {
  const at = placeIn(leaf, score, member);
  leaf.scores.splice(at, 0, score);
  leaf.members.splice(at, 0, member);
  if (leaf.size <= LEAF_MAX) return undefined;
  // Elements that come in order fill their leaves.
  const isAppended = at === LEAF_MAX && leaf.next === undefined;
  const right = new Leaf();
  const from = isAppended ? LEAF_MAX : LEAF_MAX / 2;
  moveElements(leaf, right, from);
  right.next = leaf.next;
  right.previous = leaf;
  if (leaf.next !== undefined) leaf.next.previous = right;
  leaf.next = right;
  return { node: right, lowScore: right.scores[0]!, lowMember: right.members[0]! };
}

function splitBranch(branch: Branch): Split {
  const isAppended = branch.children.at(-1)!.size === 1;
  const from = isAppended ? BRANCH_MAX : BRANCH_MAX / 2;
  const lowScore = branch.lowScores[from]!;
  const lowMember = branch.lowMembers[from]!;
  const node = new Branch();
  moveChildren(branch, node, from);
  return { node, lowScore, lowMember };
}

function moveElements(from: Leaf, to: Leaf, at: number): void {
  to.scores.push(...from.scores.splice(at));
  to.members.push(...from.members.splice(at));
}

function moveChildren(from: Branch, to: Branch, at: number): void {
  to.children.push(...from.children.splice(at));
  to.counts.push(...from.counts.splice(at));
  to.lowScores.push(...from.lowScores.splice(at));
  to.lowMembers.push(...from.lowMembers.splice(at));
}

// -- removing ----------------------------------------------------------------------------------------

function removeBelow(node: Node, score: number, member: string): void {
  if (node instanceof Leaf) {
    const at = placeIn(node, score, member);
    node.scores.splice(at, 1);
    node.members.splice(at, 1);
    return;
  }
  const at = childOf(node, score, member);
  node.counts[at]!--;
  const child = node.children[at]!;
  removeBelow(child, score, member);
  if (node.counts[at] === 0) {
    if (child instanceof Leaf) unlink(child);
    dropChild(node, at);
  } else if (!isHungry(child)) return;
  else if (at > 0 && canJoin(node, at - 1)) join(node, at - 1);
  else if (at + 1 < node.children.length && canJoin(node, at)) join(node, at);
}

function widthOf(node: Node): number {
  return node instanceof Leaf ? node.size : node.children.length;
}

function isHungry(node: Node): boolean {
  return widthOf(node) <= (node instanceof Leaf ? LEAF_MAX : BRANCH_MAX) / 4;
}

/** Whether a child and the next one leave room when they are one. */
function canJoin({ children }: Branch, at: number): boolean {
  const left = children[at]!;
  const max = left instanceof Leaf ? LEAF_MAX : BRANCH_MAX;
  return widthOf(left) + widthOf(children[at + 1]!) <= (max / 4) * 3;
}

/** Puts a child's next one into it. */
function join(branch: Branch, at: number): void {
  const left = branch.children[at]!;
  const right = branch.children[at + 1]!;
  if (left instanceof Leaf && right instanceof Leaf) {
    moveElements(right, left, 0);
    unlink(right);
  } else if (left instanceof Branch && right instanceof Branch) {
    right.lowScores[0] = branch.lowScores[at + 1]!;
    right.lowMembers[0] = branch.lowMembers[at + 1]!;
    moveChildren(right, left, 0);
  }
  branch.counts[at]! += branch.counts[at + 1]!;
  dropChild(branch, at + 1);
}

function dropChild(branch: Branch, at: number): void {
  branch.children.splice(at, 1);
  branch.counts.splice(at, 1);
  branch.lowScores.splice(at, 1);
  branch.lowMembers.splice(at, 1);
}

function unlink({ previous, next }: Leaf): void {
  if (previous !== undefined) previous.next = next;
  if (next !== undefined) next.previous = previous;
}
