// WebSocket frames (RFC 6455 §5.2), as far as a load generator on loopback needs them.

const BINARY = 0x82; // the last frame of a message, and its first
const MASKED = 0x80;
const CLOSE = 8;
const FIRST_CONTROL = 8;

/**
 * A binary message from a client. Clients must mask; with a mask of zeros the bytes stay as they are, which
 * does for sockets that nobody but us and the server sees.
 */
export function maskedFrame(payload: string): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([BINARY, MASKED | length])
      : length < 65_536
        ? Buffer.from([BINARY, MASKED | 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([BINARY, MASKED | 127]), bigEndian64(length)]);
  return Buffer.concat([head, Buffer.alloc(4), Buffer.from(payload, "latin1")]);
}

/** A server's stream, split anywhere -> the payloads of its messages, in pieces. */
export class FrameReader {
  readonly #onPayload: (bytes: Buffer) => void;
  #head: Buffer = Buffer.alloc(0);
  #missingBytes = 0;
  #isControl = false;

  constructor(onPayload: (bytes: Buffer) => void) {
    this.#onPayload = onPayload;
  }

  /** Throws when the server closes. */
  push(chunk: Buffer): void {
    let rest = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = rest.subarray(0, 0);
    while (rest.length > 0) {
      if (this.#missingBytes === 0) {
        const headBytes = headBytesOf(rest);
        if (rest.length < headBytes) {
          this.#head = rest;
          return;
        }
        this.#begin(rest);
        rest = rest.subarray(headBytes);
      }
      const payload = rest.subarray(0, this.#missingBytes);
      this.#missingBytes -= payload.length;
      rest = rest.subarray(payload.length);
      if (payload.length > 0 && !this.#isControl) this.#onPayload(payload);
    }
  }

  #begin(head: Buffer): void {
    const opcode = head[0]! & 15;
    if (opcode === CLOSE) throw new Error("the server closed the WebSocket");
    this.#isControl = opcode >= FIRST_CONTROL;
    const length = head[1]! & 127;
    this.#missingBytes =
      length === 126
        ? head.readUInt16BE(2)
        : length === 127
          ? Number(head.readBigUInt64BE(2))
          : length;
  }
}

/** As far as the first bytes tell; a server's frames are not masked. */
function headBytesOf(bytes: Buffer): number {
  const length = (bytes[1] ?? 0) & 127;
  return length === 126 ? 4 : length === 127 ? 10 : 2;
}

function bigEndian64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
