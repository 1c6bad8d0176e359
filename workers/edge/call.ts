/**
 * Calls of a node, tried again where that is safe: the SDKs at the other end do so only when `fetch` throws,
 * never on a status.
 */
import { type Env, nodeStub } from "../env.ts";
import { INVARIANT } from "../node/invariant.ts";
import type { CallAnswer, CallOptions, Requests } from "../node/requests.ts";
import { readAnswer, wireCall } from "../node/wire.ts";

export interface CallSafety {
  /** It may run twice without harm. */
  readonly isRepeatable: boolean;
}

/** What the platform says about a call that failed. */
interface Failure {
  readonly message?: string;
  /** Refused at the door: the call has not run. */
  readonly overloaded?: boolean;
  /** The object went away meanwhile: nobody knows whether the call has run. */
  readonly durableObjectReset?: boolean;
  readonly retryable?: boolean;
}

interface Row {
  readonly why: string;
  readonly applies: (failure: Failure) => boolean;
  /** Pauses before the next tries, each plus up to as much again; after that it is given up. */
  readonly pausesMs: readonly number[];
  /** Tried again whether or not it may run twice. */
  readonly isSafe: boolean;
}

/** The first that applies counts. */
const FAILURES: readonly Row[] = [
  {
    why: "overloaded",
    applies: ({ overloaded }) => overloaded === true,
    pausesMs: [50, 200, 800],
    isSafe: true,
  },
  {
    // The new object is made by the next call; a deploy or a crash takes it a moment to be ready.
    why: "reset",
    applies: ({ durableObjectReset, retryable }) =>
      durableObjectReset === true || retryable === true,
    pausesMs: [10, 100, 500],
    isSafe: false,
  },
];

/** Requests to a node, and what it answers. */
export async function runAt(
  env: Env,
  node: string,
  call: CallSafety & { readonly requests: Requests; readonly options: CallOptions },
): Promise<CallAnswer> {
  const { requests, options, isRepeatable } = call;
  const wire = wireCall(requests, options);
  return readAnswer(await callNode(() => nodeStub(env, node).run(...wire), { isRepeatable }));
}

/** A node that could not be reached, in words for the client. `status` is HTTP's. */
export class NodeUnavailable extends Error {
  override readonly name = "NodeUnavailable";
  readonly status = 503;
}

/**
 * `call` makes a stub of its own each time: one that has failed stays broken. Throws NodeUnavailable where
 * the platform is the reason, and what else went wrong as it is.
 */
export async function callNode<T>(
  call: () => Promise<T>,
  { isRepeatable }: CallSafety,
  sleep: (ms: number) => Promise<void> = pause,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const failure = error as Failure;
      const row = FAILURES.find(({ applies }) => applies(failure));
      // A request that ended the node by a bug of ours would end the next one too.
      if (row === undefined || failure.message?.startsWith(INVARIANT) === true) throw error;
      const pauseMs = isRepeatable || row.isSafe ? row.pausesMs[tries] : undefined;
      if (pauseMs === undefined) throw new NodeUnavailable(textOf(row, isRepeatable));
      await sleep(pauseMs * (1 + Math.random()));
    }
  }
}

function textOf({ why }: Row, isRepeatable: boolean): string {
  if (why === "overloaded") return "ERR the node is overloaded; nothing of this was executed";
  if (isRepeatable) return "ERR the node restarts; try again";
  return "ERR the node was restarted; whether this was executed is not known";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
