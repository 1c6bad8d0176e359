// Garbage and damaged commands for the decoder, from a seed. Whatever comes, it gives the same
// commands and the same error however the bytes are split, throws nothing but ProtocolError, and
// loses no byte.

import { assert } from "../../shared/base/assert.ts";
import { type Random, seededRandom } from "../../shared/base/random.ts";
import { Decoder, type DecoderLimits, ProtocolError } from "../../shared/resp/decoder.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";

/** Small, so that every limit is met. */
function smallLimits(isAuthenticated: boolean): DecoderLimits {
  return { argumentsMax: 20, bulkMax: 20_000, inlineMax: 40, isAuthenticated };
}

const FRAGMENTS = [
  ["*", "$", "\r\n", "\r", "\n", "\0", "\xff", " ", "\t", '"', "'", "\\", "\\x41", "-", "+"],
  ["0", "1", "2", "3", "10", "21", "-1", "20001", "99999999999999999999", "GET", "a"],
  ["*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n", "$1\r\nk\r\n", "*0\r\n", "*-1\r\n", "PING\r\n"],
  "x".repeat(41),
].flat();

/** One case; throws an InvariantError that names the seed where a rule is broken. */
export function fuzzDecoder(seed: number): void {
  const random = seededRandom(seed);
  const isAuthenticated = random.next() < 0.8;
  const stream = random.next() < 0.5 ? garbage(random) : damaged(random);
  const decode = (pieces: readonly string[]): string => {
    return JSON.stringify(decodeAll(new Decoder(smallLimits(isAuthenticated)), pieces));
  };
  const whole = decode([stream]);
  const say = `seed ${seed}: ${JSON.stringify(stream)}`;
  assert(decode(split(random, stream, 1)) === whole, `byte by byte is the same, ${say}`);
  assert(decode(split(random, stream, 9)) === whole, `any split is the same, ${say}`);
  assert(decode(moved(random, stream, isAuthenticated)) === whole, `the rest is whole, ${say}`);
}

interface Decoded {
  readonly commands: string[][];
  readonly error?: string;
  readonly consumedBytes: number;
}

function decodeAll(decoder: Decoder, pieces: readonly string[]): Decoded {
  const commands: string[][] = [];
  let pushedBytes = 0;
  try {
    for (const piece of pieces) {
      decoder.push(piece);
      pushedBytes += piece.length;
      for (;;) {
        const command = decoder.next();
        const bytes = decoder.consumedBytes + decoder.bufferedBytes;
        assert(bytes === pushedBytes, "every byte is consumed or buffered");
        if (command === undefined) break;
        assert(command.length > 0, "a command has a name");
        commands.push(command);
      }
    }
    return { commands, consumedBytes: decoder.consumedBytes };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, error: error.text, consumedBytes: decoder.consumedBytes };
  }
}

/** The stream as it looks after a decoder gave the rest away in the middle of it. */
function moved(random: Random, stream: string, isAuthenticated: boolean): string[] {
  const at = Math.floor(random.next() * stream.length);
  const decoder = new Decoder(smallLimits(isAuthenticated));
  const { consumedBytes, error } = decodeAll(decoder, split(random, stream.slice(0, at), 9));
  if (error !== undefined) return [stream];
  const rest = decoder.takeRest();
  assert(decoder.bufferedBytes === 0, "a decoder that gave all away has nothing");
  return [stream.slice(0, consumedBytes), rest, stream.slice(at)];
}

function garbage(random: Random): string {
  let text = "";
  for (let left = 1 + random.next() * 20; left > 0; left--) {
    text += FRAGMENTS[Math.floor(random.next() * FRAGMENTS.length)];
  }
  return text;
}

/** Good commands, with a few bytes changed, dropped or put in. */
function damaged(random: Random): string {
  let text = "";
  for (let left = 1 + random.next() * 5; left > 0; left--) text += good(random);
  for (let left = Math.floor(random.next() * 4); left > 0; left--) {
    const at = Math.floor(random.next() * text.length);
    const byte = FRAGMENTS[Math.floor(random.next() * FRAGMENTS.length)]!;
    text = text.slice(0, at) + (random.next() < 0.7 ? byte : "") + text.slice(at + 1);
  }
  return text;
}

function good(random: Random): string {
  const args: string[] = [];
  for (let left = 1 + random.next() * 6; left > 0; left--) {
    const length = Math.floor(random.next() ** 4 * 200);
    args.push(String.fromCharCode(Math.floor(random.next() * 256)).repeat(length));
  }
  return encodeCommand(args);
}

function split(random: Random, text: string, lengthMax: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + Math.floor(random.next() * lengthMax);
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
}
