/**
 * What COMMAND DOCS says of each command: Redis 7.0's own words, from the texts in `docs/`, a text for each
 * group. They are read when somebody asks, which hardly anyone does; until then they cost nothing. Rows of
 * newer commands say themselves what they are for; what they take stands in `docs/newer.ts`.
 */
import type { Command } from "./command.ts";
import { BITMAP_DOCS } from "./docs/bitmap.ts";
import { CLUSTER_DOCS } from "./docs/cluster.ts";
import { CONNECTION_DOCS } from "./docs/connection.ts";
import { GENERIC_DOCS } from "./docs/generic.ts";
import { GEO_DOCS } from "./docs/geo.ts";
import { HASH_DOCS } from "./docs/hash.ts";
import { HYPERLOGLOG_DOCS } from "./docs/hyperloglog.ts";
import { LIST_DOCS } from "./docs/list.ts";
import { NEWER_DOCS } from "./docs/newer.ts";
import { type DocsEntry, parseDocs } from "./docs/parse.ts";
import { PUBSUB_DOCS } from "./docs/pubsub.ts";
import { SCRIPTING_DOCS } from "./docs/scripting.ts";
import { SERVER_DOCS } from "./docs/server.ts";
import { SET_DOCS } from "./docs/set.ts";
import { SORTED_SET_DOCS } from "./docs/sorted-set.ts";
import { STREAM_DOCS } from "./docs/stream.ts";
import { STRING_DOCS } from "./docs/string.ts";
import { TRANSACTIONS_DOCS } from "./docs/transactions.ts";

const TEXTS: Readonly<Record<string, string>> = {
  bitmap: BITMAP_DOCS,
  cluster: CLUSTER_DOCS,
  connection: CONNECTION_DOCS,
  generic: GENERIC_DOCS,
  geo: GEO_DOCS,
  hash: HASH_DOCS,
  hyperloglog: HYPERLOGLOG_DOCS,
  list: LIST_DOCS,
  newer: NEWER_DOCS,
  pubsub: PUBSUB_DOCS,
  scripting: SCRIPTING_DOCS,
  server: SERVER_DOCS,
  set: SET_DOCS,
  "sorted-set": SORTED_SET_DOCS,
  stream: STREAM_DOCS,
  string: STRING_DOCS,
  transactions: TRANSACTIONS_DOCS,
};

/** The documentation of a command. */
export interface Docs extends Readonly<Omit<DocsEntry, "history">> {
  readonly group: string;
  readonly history: DocsEntry["history"];
}

const NOTHING = {
  since: "",
  group: "",
  summary: "",
  complexity: "",
  isSystem: false,
  deprecatedSince: undefined,
  replacedBy: undefined,
  history: [],
  arguments: "",
} as const satisfies Docs;

let byName: Map<string, Docs> | undefined;

/** The documentation of a row: what it says of itself, and else Redis's. */
export function docsOf({ name, docs }: Command): Docs {
  const known = table().get(name) ?? NOTHING;
  return docs.summary === "" ? { ...docs, ...known } : { ...known, ...docs };
}

function table(): Map<string, Docs> {
  if (byName !== undefined) return byName;
  byName = new Map();
  for (const [group, text] of Object.entries(TEXTS)) {
    for (const [name, entry] of parseDocs(text)) byName.set(name, { ...entry, group });
  }
  return byName;
}
