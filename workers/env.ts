/** The Worker's variables, read and checked once. */
import type { Node } from "./node/node.ts";

export interface Env {
  readonly NODE: DurableObjectNamespace<Node>;
  /** Comma-separated regions that have a replica, each a location hint: `weur,apac`. */
  readonly REPLICAS?: string;
  /** The region of the master, a location hint: reads go to it where it is the nearest node. */
  readonly MASTER_REGION?: string;
  /** How fresh reads over REST are by default (`read-contract`, `read-contract-readonly`). */
  readonly READ_CONTRACT?: string;
  readonly READ_CONTRACT_READONLY?: string;
  /** The password (`requirepass`); a secret. */
  readonly REDIS_PASSWORD?: string;
  /** A token that REST takes for reading only (`rest-readonly-token`); a secret. */
  readonly REDIS_READONLY_TOKEN?: string;
  /** Origins whose pages may use REST, comma-separated, or `*`: none where it is not set. */
  readonly CORS_ORIGINS?: string;
  /** `1`: every node starts as a master of its own. */
  readonly STANDALONE?: string;
  /** `1`: served on loopback only, so that no password is needed. Never set in a deployment. */
  readonly LOOPBACK?: string;
  /** RESP ports by node as JSON, where nodes have one: `{"master":6379}`. */
  readonly PORTS?: string;
}

/** The node that starts as master. */
export const MASTER = "master";

const NODE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Variables do not change while the Worker lives, and are asked for with every request. */
const namesByEnv = new WeakMap<Env, readonly string[]>();

/** Names of the deployment's nodes, the master first. */
export function nodeNames(env: Env): readonly string[] {
  const known = namesByEnv.get(env);
  if (known !== undefined) return known;
  const names = readNames(env);
  namesByEnv.set(env, names);
  return names;
}

function readNames(env: Env): string[] {
  const replicas = (env.REPLICAS ?? "").split(",").map((name) => name.trim());
  const names = [MASTER, ...replicas.filter((name) => name !== "" && name !== MASTER)];
  for (const name of names) {
    if (!NODE_NAME.test(name)) throw new Error(`REPLICAS: '${name}' is not a node name`);
  }
  return [...new Set(names)];
}

/** RESP ports by node name; 0 where a node has none. */
export function portsOf(env: Env): Record<string, number> {
  const given = JSON.parse(env.PORTS ?? "{}") as Record<string, number>;
  return Object.fromEntries(nodeNames(env).map((name) => [name, given[name] ?? 0]));
}

const HINTS = new Set("wnam enam sam weur eeur apac apac-ne apac-se oc afr me".split(" "));

/** The region of a node: its name, or what is set for the master; undefined: nobody knows. */
export function regionOf(env: Env, name: string): string | undefined {
  const region = name === MASTER ? env.MASTER_REGION : name;
  return region !== undefined && HINTS.has(region) ? region : undefined;
}

/**
 * The object of a node. The hint counts only at the first touch and objects never move, so every touch
 * gives it.
 */
export function nodeStub(env: Env, name: string): DurableObjectStub<Node> {
  const id = idOf(env, name);
  const region = regionOf(env, name);
  return region === undefined
    ? env.NODE.get(id)
    : env.NODE.get(id, { locationHint: region as DurableObjectLocationHint });
}

const idsByEnv = new WeakMap<Env, Map<string, DurableObjectId>>();

/** Names are hashed to ids, which is not free; there are as many as there are nodes. */
function idOf(env: Env, name: string): DurableObjectId {
  const ids = idsByEnv.get(env) ?? new Map<string, DurableObjectId>();
  const id = ids.get(name) ?? env.NODE.idFromName(name);
  idsByEnv.set(env, ids.set(name, id));
  return id;
}
