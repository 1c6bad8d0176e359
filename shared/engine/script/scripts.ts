/**
 * The scripts a node knows, by SHA-1: compiled when they first come, forgotten with the node's memory, as
 * Redis forgets them with its process (clients send EVAL again on NOSCRIPT).
 */
import { sha1 } from "../../base/sha1.ts";
import { detach } from "../../base/bytes.ts";
import { ReplyError } from "../../resp/reply.ts";
import type { LuaModules } from "../../lua/machine.ts";
import { Interpreter } from "./interpreter.ts";
import { parseHeader, type ScriptFlag } from "./header.ts";

/** Scripts that came by EVAL alone and are kept; those of SCRIPT LOAD stay until SCRIPT FLUSH. */
const EVALUATED_MAX = 500;
/** Bytes of source that are kept at most. */
const BYTES_MAX = 16 * 1024 * 1024;

export interface Script {
  readonly sha: string;
  readonly body: string;
  /** What its `#!lua flags=…` says; undefined: it has no such line, and may do what Redis 6 allowed. */
  readonly flags: ReadonlySet<ScriptFlag> | undefined;
  readonly reference: number;
  isLoaded: boolean;
}

export class Scripts {
  readonly #modules: () => LuaModules | undefined;
  readonly #bySha = new Map<string, Script>();
  #evaluatedCount = 0;
  byteCount = 0;
  #interpreter: Interpreter | undefined;

  constructor(modules: () => LuaModules | undefined) {
    this.#modules = modules;
  }

  /** Made when the first script comes. */
  get interpreter(): Interpreter {
    if (this.#interpreter === undefined) {
      const modules = this.#modules();
      if (modules === undefined) throw new ReplyError("ERR scripts are not available on this node");
      this.#interpreter = new Interpreter(modules);
    }
    return this.#interpreter;
  }

  get count(): number {
    return this.#bySha.size;
  }

  /** Bytes the interpreter takes; 0 while no script has run. */
  get memoryBytes(): number {
    return this.#interpreter?.byteCount ?? 0;
  }

  get isRunning(): boolean {
    return this.#interpreter?.isRunning === true;
  }

  find(sha: string): Script | undefined {
    return this.#bySha.get(sha.toLowerCase());
  }

  /** The script with this body, compiled; throws what is wrong with it. */
  add(body: string, { isLoaded }: { isLoaded: boolean }): Script {
    const sha = hex(sha1(body));
    const known = this.#bySha.get(sha);
    if (known !== undefined) {
      if (isLoaded && !known.isLoaded) {
        known.isLoaded = true;
        this.#evaluatedCount--;
      }
      return known;
    }
    const { flags, code } = parseHeader(body);
    const reference = this.interpreter.compile(code, "@user_script");
    if (typeof reference === "string") {
      throw new ReplyError(`ERR Error compiling script (new function): ${reference}`);
    }
    if (this.byteCount + body.length > BYTES_MAX) this.flush();
    const script: Script = { sha, body: detach(body), flags, reference, isLoaded };
    this.#bySha.set(sha, script);
    this.byteCount += body.length;
    if (!isLoaded && ++this.#evaluatedCount > EVALUATED_MAX) this.#dropOldest();
    return script;
  }

  flush(): void {
    this.#bySha.clear();
    this.byteCount = 0;
    this.#evaluatedCount = 0;
    this.#interpreter?.reset();
  }

  #dropOldest(): void {
    for (const script of this.#bySha.values()) {
      if (script.isLoaded) continue;
      this.#bySha.delete(script.sha);
      this.byteCount -= script.body.length;
      this.#evaluatedCount--;
      this.interpreter.release(script.reference);
      return;
    }
  }
}

function hex(binary: string): string {
  let text = "";
  for (let i = 0; i < binary.length; i++) {
    text += binary.charCodeAt(i).toString(16).padStart(2, "0");
  }
  return text;
}
