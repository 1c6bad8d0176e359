// A node in the test's hands as a server to tell programs to.

import type { Connection } from "../../shared/replication/connection.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { startNode } from "../support/node.ts";
import { type Party, type Scene, show } from "./programs.ts";

export interface NodeParty extends Party {
  readonly isWaiting: boolean;
  next(): Reply | undefined;
}

export interface NodeScene extends Scene {
  open(): NodeParty;
}

export function nodeScene(node: ReturnType<typeof startNode> = startNode()): NodeScene {
  const decoders = new Map<Connection, ReplyDecoder>();
  const collect = (): void => {
    for (const [connection, decoder] of decoders) decoder.push(node.heard(connection));
  };
  return {
    open: () => {
      const connection = node.open();
      const decoder = new ReplyDecoder();
      decoders.set(connection, decoder);
      return {
        id: String(connection.session.id),
        get isWaiting() {
          return connection.session.blocked !== undefined;
        },
        send: (commands) => {
          node.send(connection, ...commands);
          node.turn(0);
          collect();
        },
        next: () => decoder.next(),
        waits: () => {
          if (connection.session.blocked === undefined) throw new Error("it does not wait");
        },
        leave: () => {
          if (!node.ended.has(connection)) node.core.at(node.world.nowMs).closed(connection);
          decoders.delete(connection);
        },
      };
    },
    turn: (ms) => {
      node.turn(ms);
      collect();
    },
    rest: () => {
      const replies = [...decoders.values()].map((decoder) => decoder.next());
      return replies.flatMap((reply) => (reply === undefined ? [] : [show(reply)]));
    },
    close: () => {},
  };
}
