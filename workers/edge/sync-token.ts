/** What a session has seen, as a token, when its answers come in any order. */
import { parseSeen } from "../../shared/replication/freshness.ts";
import type { Position } from "../../shared/replication/position.ts";

/**
 * What it knows behind an answer: the newer of the two within a history, and the answer's where another
 * history has begun. But of calls at one time one may be answered by the master that was: a history that
 * the session has left since it sent the call does not come back.
 */
export function newestToken(tokens: {
  /** What the call was sent with. */
  readonly sent: string;
  /** What the session knows now. */
  readonly known: string;
  readonly answer: string;
}): string {
  const [sent, known, answer] = [tokens.sent, tokens.known, tokens.answer].map(positionOf) as [
    Position,
    Position,
    Position,
  ];
  if (answer.id === known.id) return answer.offset > known.offset ? tokens.answer : tokens.known;
  const hasLeft = sent.id !== known.id && sent.id === answer.id;
  return hasLeft ? tokens.known : tokens.answer;
}

function positionOf(token: string): Position {
  return parseSeen(token) ?? { id: "", offset: 0 };
}
