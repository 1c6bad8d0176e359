/**
 * The scripts a node knows, by SHA-1: compiled when they first come, forgotten with the node's memory, as
 * Redis forgets them with its process (clients send EVAL again on NOSCRIPT).
 */
import { sha1 } from "../../base/sha1.ts";
import { detach, hex } from "../../base/bytes.ts";
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
  reference: number;
  /** The machine that compiled it; in another it is compiled again. */
  machineId: number;
  isLoaded: boolean;
}

export class Scripts {
  readonly #modules: () => LuaModules | undefined;
  readonly #clockUs: () => number;
  readonly #bySha = new Map<string, Script>();
  /** The same, for EVAL: to look up a body is quicker than to hash it. */
  readonly #byBody = new Map<string, Script>();
  #evaluatedCount = 0;
  byteCount = 0;
  #interpreter: Interpreter | undefined;

  constructor(modules: () => LuaModules | undefined, clockUs: () => number) {
    this.#modules = modules;
    this.#clockUs = clockUs;
  }

  /** Made when the first script comes. */
  get interpreter(): Interpreter {
    if (this.#interpreter === undefined) {
      const modules = this.#modules();
      if (modules === undefined) throw new ReplyError("ERR scripts are not available on this node");
      this.#interpreter = new Interpreter(modules, this.#clockUs);
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

  /** What the script with this SHA-1 says of itself, if it is known and says it. */
  flagsOf(sha: string): ReadonlySet<ScriptFlag> | undefined {
    return (this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase()))?.flags;
  }

  /** The script with this SHA-1, ready to run. */
  find(sha: string): Script | undefined {
    const script = this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase());
    if (script !== undefined) this.#ready(script);
    return script;
  }

  /** The script with this body, ready to run; throws what is wrong with it. */
  add(body: string, { isLoaded }: { isLoaded: boolean }): Script {
    const script = this.#byBody.get(body) ?? this.#compile(body);
    this.#ready(script);
    if (isLoaded && !script.isLoaded) {
      script.isLoaded = true;
      this.#evaluatedCount--;
    }
    return script;
  }

  flush(): void {
    this.#forgetAll();
    this.#interpreter?.reset();
  }

  #compile(body: string): Script {
    const { flags, code } = parseHeader(body);
    const { interpreter } = this;
    const reference = compiled(interpreter, code);
    if (this.byteCount + body.length > BYTES_MAX) this.#forgetAll();
    const script: Script = {
      sha: hex(sha1(body)),
      body: detach(body),
      flags,
      reference,
      machineId: interpreter.machineId,
      isLoaded: false,
    };
    this.#bySha.set(script.sha, script);
    this.#byBody.set(script.body, script);
    this.byteCount += body.length;
    if (++this.#evaluatedCount > EVALUATED_MAX) this.#dropOldest();
    return script;
  }

  #ready(script: Script): void {
    const { interpreter } = this;
    if (script.machineId === interpreter.machineId) return;
    script.reference = compiled(interpreter, parseHeader(script.body).code);
    script.machineId = interpreter.machineId;
  }

  #forgetAll(): void {
    for (const script of this.#bySha.values()) this.#release(script);
    this.#bySha.clear();
    this.#byBody.clear();
    this.byteCount = 0;
    this.#evaluatedCount = 0;
  }

  #dropOldest(): void {
    for (const script of this.#bySha.values()) {
      if (script.isLoaded) continue;
      this.#bySha.delete(script.sha);
      this.#byBody.delete(script.body);
      this.byteCount -= script.body.length;
      this.#evaluatedCount--;
      this.#release(script);
      return;
    }
  }

  #release({ reference, machineId }: Script): void {
    if (machineId === this.#interpreter?.machineId) this.#interpreter.release(reference);
  }
}

function compiled(interpreter: Interpreter, code: string): number {
  const reference = interpreter.compile(code, "@user_script");
  if (typeof reference === "number") return reference;
  throw new ReplyError(`ERR Error compiling script (new function): ${reference}`);
}
