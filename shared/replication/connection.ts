/** A client's or a peer's connection: the session, the bytes not yet parsed, the replies not yet sent. */
import { Decoder, type DecoderLimits } from "../resp/decoder.ts";
import type { Session } from "../engine/session.ts";

/** What the transport is like. */
export interface Transport {
  /** `messages`: a WebSocket, which keeps boundaries; `bytes`: TCP. */
  readonly kind: "messages" | "bytes";
  /** Comes from a node of this deployment, which the platform vouches for: no password is asked. */
  readonly isTrusted: boolean;
  /** Peer and own end, as CLIENT LIST shows them. */
  readonly address: string;
  readonly localAddress: string;
  /** There are no wires: it takes replies as they are, a binary string. */
  readonly taker?: (replies: string) => void;
}

export class Connection {
  readonly session: Session;
  readonly transport: Transport;
  readonly limits: DecoderLimits;
  readonly decoder: Decoder;
  /** Replies of the open group, as a binary string. */
  out = "";
  /** Listed to be sent at the next commit. */
  isWaiting = false;
  /** Requests decoded ahead that wait behind a blocked one. */
  queue: (readonly string[])[] = [];
  /** What was wrong with the bytes; nothing behind it is read. */
  fault: string | undefined;
  /** Bytes given to the transport and not yet taken by the peer, as far as the host can tell. */
  unsentBytes = 0;
  /**
   * The transport does not tell what was taken, so the peer is asked by a probe behind what it was sent:
   * a stock replica behind `npm run bridge`. And how much of it stood in front of the last probe.
   */
  isProbed = false;
  probedBytes = 0;
  /** So many replies wait to be taken that nothing more is run until they are. */
  isHeld = false;
  /** Since when it has left more unread than its soft limit (Unix ms); 0: it has not. */
  overSoftLimitSinceMs = 0;
  /** The transport is gone. */
  isClosed = false;
  /** Last sign of life. */
  seenAtMs = 0;

  constructor(session: Session, transport: Transport, limits: DecoderLimits) {
    this.session = session;
    this.transport = transport;
    this.limits = limits;
    this.decoder = new Decoder(limits);
  }
}
