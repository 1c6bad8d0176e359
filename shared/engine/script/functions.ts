/**
 * Libraries of functions: code that stays with the data set. They are saved with the base, with what they
 * registered, and replicate as the commands that load them. Each is compiled when one of it is called.
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

/** As it is saved: each flag by its name. One that came with a snapshot is its code alone. */
type Saved =
  | string
  | (Omit<Library, "functions"> & {
      readonly functions: readonly (Omit<LibraryFunction, "flags"> & {
        readonly flags: readonly ScriptFlag[];
      })[];
    });

/** Milliseconds' worth of instructions to register functions, and for a library that did before. */
const [LOAD_MS_MAX, KNOWN_LOAD_MS_MAX] = [500, 5000];

const META = "functions";
const SAVED_CHARS_MAX = 900_000;

export class Libraries {
  readonly #modules: () => LuaModules | undefined;
  readonly #clockUs: () => number;
  readonly #byName = new Map<string, Library>();
  /** By the lower-case names of their functions, once that is asked for. */
  #byFunction: Map<string, Library> | undefined;
  /** Compiled functions by lower-case name; emptied when the machine is gone. */
  readonly #compiled = new Map<string, Runnable>();
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

  /**
   * Loads a library and returns its name; throws what is wrong with it, and nothing has changed then.
   * `isKnown`: by the stream, and a node has taken it already.
   */
  load(code: string, options: { isReplacing: boolean; isKnown: boolean }): string {
    const { isReplacing, isKnown } = options;
    const { name } = parseLibraryHeader(code);
    if (!isReplacing && this.#byName.has(name)) {
      throw new ReplyError(`ERR Library '${name}' already exists`);
    }
    const library = isKnown ? this.#readKnown(code) : this.#read(code, LOAD_MS_MAX);
    this.#checkNames([library], (other) => other.name !== name);
    if (!isKnown) checkRoom([...this.all.filter((other) => other.name !== name), library]);
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
  restore(
    codes: readonly string[],
    { policy, isKnown }: { policy: "append" | "replace" | "flush"; isKnown: boolean },
  ): void {
    const libraries = codes.map((code) =>
      isKnown ? this.#readKnown(code) : this.#read(code, LOAD_MS_MAX),
    );
    const names = new Set(libraries.map(({ name }) => name));
    if (policy === "append") {
      for (const name of names) {
        if (this.#byName.has(name)) throw new ReplyError(`ERR Library ${name} already exists`);
      }
    }
    const stays = ({ name }: Library): boolean => policy !== "flush" && !names.has(name);
    this.#checkNames(libraries, stays);
    if (!isKnown) checkRoom([...this.all.filter(stays), ...libraries]);
    if (policy === "flush") this.#byName.clear();
    for (const library of libraries) this.#byName.set(library.name, library);
    this.#changed();
  }

  /** The function of this name, ready to run; undefined when there is none. */
  find(name: string): Runnable | undefined {
    const wanted = name.toLowerCase();
    const library = this.#withFunction(wanted);
    if (library === undefined) return undefined;
    if (this.#machineId !== this.interpreter.machineId) this.#compiled.clear();
    if (!this.#compiled.has(wanted)) this.#compile(library);
    return this.#compiled.get(wanted);
  }

  /** The flags of a function, without compiling it. */
  flagsOf(name: string): ReadonlySet<ScriptFlag> | undefined {
    const wanted = name.toLowerCase();
    return this.#withFunction(wanted)?.functions.find((one) => isNamed(one, wanted))?.flags;
  }

  /** The library with a function of this name, which is in lower case. */
  #withFunction(wanted: string): Library | undefined {
    this.#byFunction ??= new Map(
      this.all.flatMap((library) =>
        library.functions.map(({ name }) => [name.toLowerCase(), library] as const),
      ),
    );
    return this.#byFunction.get(wanted);
  }

  // -- with the data set ------------------------------------------------------------------------------

  /** Writes the libraries as they are now, whenever it is called; each checkpoint asks once, and does. */
  toSave(): (store: Store) => void {
    if (this.#isSaved) return () => undefined;
    this.#isSaved = true;
    const text = saved(this.all.map(toSaved));
    return (store) => store.setMeta(META, text);
  }

  /** Code of the libraries that were saved last. */
  static saved(store: Store): readonly string[] {
    return readSaved(store).map((one) => (typeof one === "string" ? one : one.code));
  }

  /** Takes what the store has, and runs nothing of what it knows. */
  recover(store: Store): void {
    this.#byName.clear();
    let isSaved = true;
    for (const one of readSaved(store)) {
      const library = typeof one === "string" ? this.#readKnown(one) : known(one);
      this.#byName.set(library.name, library);
      isSaved &&= typeof one !== "string";
    }
    this.#changed();
    this.#isSaved = isSaved;
  }

  /** Checks libraries that come with a snapshot, and writes them; in its transaction. */
  replace(store: Store, codes: readonly string[]): void {
    store.setMeta(META, saved(codes));
  }

  /** Whether a library that comes with a snapshot can be kept; throws why not. */
  check(code: string): void {
    this.#read(code, LOAD_MS_MAX);
  }

  // -- compiling ----------------------------------------------------------------------------------------

  /** Runs a library's code, which registers its functions. */
  #read(code: string, limitMs: number): Library {
    const { name, body } = parseLibraryHeader(code);
    const registered = this.interpreter.load(body, { limitMs });
    for (const { reference } of registered) this.interpreter.release(reference);
    this.interpreter.trim();
    if (registered.length === 0) throw new ReplyError("ERR No functions registered");
    return { name, code: detach(code), functions: registered.map(described) };
  }

  /**
   * The same for one that was taken before. It has more time, in a machine of its own where that is what
   * it lacks; and if it will not have it, it stays without functions, because refusing it now would take
   * the data with it: a node that cannot start, or follow.
   */
  #readKnown(code: string): Library {
    for (let attempt = 1; attempt <= 2; attempt++) {
      try {
        return this.#read(code, KNOWN_LOAD_MS_MAX);
      } catch (error) {
        if (!(error instanceof ReplyError)) throw error;
        this.#interpreter?.reset();
      }
    }
    return { name: parseLibraryHeader(code).name, code: detach(code), functions: [] };
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
    this.#byFunction = undefined;
    this.#compiled.clear();
    this.#machineId = -1;
    this.#interpreter?.reset();
  }

  #compile(library: Library): void {
    const { interpreter } = this;
    const { body } = parseLibraryHeader(library.code);
    let registered: readonly Registration[];
    try {
      registered = interpreter.load(body, { limitMs: KNOWN_LOAD_MS_MAX });
    } catch (error) {
      if (!(error instanceof ReplyError) || this.#compiled.size === 0) throw error;
      // It may be that there is no room for it beside others.
      interpreter.reset();
      this.#compiled.clear();
      registered = interpreter.load(body, { limitMs: KNOWN_LOAD_MS_MAX });
    }
    for (const { name, flags, reference } of registered) {
      this.#compiled.set(name.toLowerCase(), { sha: name, flags, reference });
    }
    this.#machineId = interpreter.machineId;
    // What they hold of their own is theirs to keep, and to add to.
    interpreter.keepWhatItHas();
  }
}

function described({ name, description, flags }: Registration): LibraryFunction {
  return { name, description, flags };
}

function toSaved({ name, code, functions }: Library): Exclude<Saved, string> {
  return { name, code, functions: functions.map((one) => ({ ...one, flags: [...one.flags] })) };
}

/** They stand in one row, and such a row ends at 2 MB; what is above 127 takes two bytes. */
function checkRoom(libraries: readonly Library[]): void {
  if ((saved(libraries.map(toSaved)) ?? "").length <= SAVED_CHARS_MAX) return;
  throw new ReplyError(`ERR all libraries together may take ${SAVED_CHARS_MAX} bytes`);
}

function isNamed({ name }: LibraryFunction, wanted: string): boolean {
  return name.toLowerCase() === wanted;
}

/** As JSON, which has no bytes: each is a character of its own. */
function saved(libraries: readonly Saved[]): string | undefined {
  return libraries.length === 0 ? undefined : JSON.stringify(libraries);
}

function readSaved(store: Store): readonly Saved[] {
  const text = store.meta(META);
  return text === undefined ? [] : (JSON.parse(text) as readonly Saved[]);
}

function known({ name, code, functions }: Exclude<Saved, string>): Library {
  const described = functions.map((one) => ({
    name: one.name,
    description: one.description,
    flags: new Set(one.flags),
  }));
  return { name, code, functions: described };
}
