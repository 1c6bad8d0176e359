/**
 * Libraries of functions: code that stays with the data set. They are saved with the base, replicate as
 * the commands that load them, and are compiled when the first of them is called.
 */
import { globMatch } from "../../base/glob.ts";
import { detach } from "../../base/bytes.ts";
import type { LuaModules } from "../../lua/machine.ts";
import { ReplyError } from "../../resp/reply.ts";
import type { Store } from "../store.ts";
import { parseLibraryHeader, type ScriptFlag } from "./header.ts";
import { Interpreter, type Registration } from "./interpreter.ts";
import type { Runnable } from "./run.ts";

export interface LibraryFunction {
  readonly name: string;
  readonly description: string | undefined;
  readonly flags: ReadonlySet<ScriptFlag>;
}

export interface Library {
  readonly name: string;
  readonly code: string;
  readonly functions: readonly LibraryFunction[];
}

interface Compiled extends Runnable {
  readonly library: string;
}

const META = "functions";

export class Libraries {
  readonly #modules: () => LuaModules | undefined;
  readonly #clockUs: () => number;
  readonly #byName = new Map<string, Library>();
  /** Compiled functions by lower-case name; emptied when the machine is gone. */
  readonly #compiled = new Map<string, Compiled>();
  #machineId = -1;
  #isSaved = true;
  #interpreter: Interpreter | undefined;

  constructor(modules: () => LuaModules | undefined, clockUs: () => number) {
    this.#modules = modules;
    this.#clockUs = clockUs;
  }

  get interpreter(): Interpreter {
    if (this.#interpreter === undefined) {
      const modules = this.#modules();
      if (modules === undefined)
        throw new ReplyError("ERR functions are not available on this node");
      this.#interpreter = new Interpreter(modules, this.#clockUs);
    }
    return this.#interpreter;
  }

  get all(): readonly Library[] {
    return [...this.#byName.values()];
  }

  get functionCount(): number {
    return this.all.reduce((sum, { functions }) => sum + functions.length, 0);
  }

  /** Bytes the interpreter takes; 0 while no function has run. */
  get memoryBytes(): number {
    return this.#interpreter?.byteCount ?? 0;
  }

  matching(pattern: string | undefined): readonly Library[] {
    if (pattern === undefined) return this.all;
    return this.all.filter(({ name }) => globMatch(pattern.toLowerCase(), name.toLowerCase()));
  }

  /** Loads a library and returns its name; throws what is wrong with it, and nothing has changed then. */
  load(code: string, { isReplacing }: { isReplacing: boolean }): string {
    const { name } = parseLibraryHeader(code);
    if (!isReplacing && this.#byName.has(name)) {
      throw new ReplyError(`ERR Library '${name}' already exists`);
    }
    const library = this.#read(code);
    this.#checkNames([library], (other) => other.name !== name);
    this.#set(library);
    return name;
  }

  delete(name: string): boolean {
    const isGone = this.#byName.delete(name);
    if (isGone) this.#changed();
    return isGone;
  }

  flush(): void {
    this.#byName.clear();
    this.#changed();
  }

  /** FUNCTION RESTORE: all of them or none. */
  restore(codes: readonly string[], policy: "append" | "replace" | "flush"): void {
    const libraries = codes.map((code) => this.#read(code));
    const names = new Set(libraries.map(({ name }) => name));
    if (policy === "append") {
      for (const name of names) {
        if (this.#byName.has(name)) throw new ReplyError(`ERR Library ${name} already exists`);
      }
    }
    const stays = ({ name }: Library): boolean => policy !== "flush" && !names.has(name);
    this.#checkNames(libraries, stays);
    if (policy === "flush") this.#byName.clear();
    for (const library of libraries) this.#byName.set(library.name, library);
    this.#changed();
  }

  /** The function of this name, ready to run; undefined when there is none. */
  find(name: string): Runnable | undefined {
    this.#compileAll();
    return this.#compiled.get(name.toLowerCase());
  }

  /** The flags of a function, without compiling it. */
  flagsOf(name: string): ReadonlySet<ScriptFlag> | undefined {
    const wanted = name.toLowerCase();
    for (const { functions } of this.#byName.values()) {
      const found = functions.find((one) => one.name.toLowerCase() === wanted);
      if (found !== undefined) return found.flags;
    }
    return undefined;
  }

  // -- with the data set ------------------------------------------------------------------------------

  /** Writes the libraries as they are now, whenever it is called; each checkpoint asks once, and does. */
  toSave(): (store: Store) => void {
    if (this.#isSaved) return () => undefined;
    this.#isSaved = true;
    const text = saved(this.all.map(({ code }) => code));
    return (store) => store.setMeta(META, text);
  }

  /** Code of the libraries that were saved last. */
  static saved(store: Store): readonly string[] {
    const text = store.meta(META);
    return text === undefined ? [] : (JSON.parse(text) as string[]);
  }

  /** Takes what the store has. */
  recover(store: Store): void {
    this.#byName.clear();
    for (const code of Libraries.saved(store)) {
      const library = this.#read(code);
      this.#byName.set(library.name, library);
    }
    this.#changed();
    this.#isSaved = true;
  }

  /** Checks libraries that come with a snapshot, and writes them; in its transaction. */
  replace(store: Store, codes: readonly string[]): void {
    store.setMeta(META, saved(codes));
  }

  /** Whether a library that comes with a snapshot can be kept; throws why not. */
  check(code: string): void {
    this.#read(code);
  }

  // -- compiling ----------------------------------------------------------------------------------------

  /** Runs a library's code, which registers its functions. */
  #read(code: string): Library {
    const { name, body } = parseLibraryHeader(code);
    const registered = this.interpreter.load(body);
    for (const { reference } of registered) this.interpreter.release(reference);
    if (registered.length === 0) throw new ReplyError("ERR No functions registered");
    return { name, code: detach(code), functions: registered.map(described) };
  }

  #checkNames(added: readonly Library[], stays: (library: Library) => boolean): void {
    const taken = new Set(
      this.all
        .filter(stays)
        .flatMap(({ functions }) => functions.map((one) => one.name.toLowerCase())),
    );
    for (const { functions } of added) {
      for (const { name } of functions) {
        const key = name.toLowerCase();
        if (taken.has(key)) throw new ReplyError(`ERR Function ${name} already exists`);
        taken.add(key);
      }
    }
  }

  #set(library: Library): void {
    this.#byName.set(library.name, library);
    this.#changed();
  }

  #changed(): void {
    this.#isSaved = false;
    this.#compiled.clear();
    this.#machineId = -1;
    this.#interpreter?.reset();
  }

  #compileAll(): void {
    if (this.#byName.size === 0) {
      this.#compiled.clear();
      return;
    }
    if (this.#machineId === this.interpreter.machineId) return;
    this.#compiled.clear();
    for (const { name: library, code } of this.all) {
      for (const registration of this.interpreter.load(parseLibraryHeader(code).body)) {
        const { name, flags, reference } = registration;
        this.#compiled.set(name.toLowerCase(), { sha: name, flags, library, reference });
      }
    }
    this.#machineId = this.interpreter.machineId;
  }
}

function described({ name, description, flags }: Registration): LibraryFunction {
  return { name, description, flags };
}

/** Code as JSON, which has no bytes: each is a character of its own. */
function saved(codes: readonly string[]): string | undefined {
  return codes.length === 0 ? undefined : JSON.stringify(codes);
}
