/**
 * Every command and every INFO section of the engine; `shared/replication` adds its own to both.
 */
import type { Command } from "./command.ts";
import { ABSENT_COMMANDS } from "./commands/absent.ts";
import { ACL_COMMANDS } from "./commands/acl.ts";
import { BITMAP_COMMANDS } from "./commands/bitmap.ts";
import { CLIENT_COMMANDS } from "./commands/client.ts";
import { CLUSTER_COMMANDS } from "./commands/cluster.ts";
import { COMMAND_COMMANDS } from "./commands/command-info.ts";
import { CONFIG_COMMANDS } from "./commands/config.ts";
import { CONNECTION_COMMANDS } from "./commands/connection.ts";
import { DATABASE_COMMANDS } from "./commands/database.ts";
import { DEBUG_COMMANDS } from "./commands/debug.ts";
import { EXPIRE_COMMANDS } from "./commands/expire.ts";
import { FUNCTION_COMMANDS } from "./commands/function.ts";
import { GEO_COMMANDS } from "./commands/geo.ts";
import { HASH_EXPIRY_COMMANDS } from "./commands/hash-expiry.ts";
import { HASH_COMMANDS } from "./commands/hash.ts";
import { HYPERLOGLOG_COMMANDS } from "./commands/hyperloglog.ts";
import { KEY_COMMANDS } from "./commands/keys.ts";
import { LATENCY_COMMANDS } from "./commands/latency.ts";
import { LIST_COMMANDS } from "./commands/list.ts";
import { MEMORY_COMMANDS } from "./commands/memory.ts";
import { OBJECT_COMMANDS } from "./commands/object.ts";
import { PUBSUB_COMMANDS } from "./commands/pubsub.ts";
import { SCAN_COMMANDS } from "./commands/scan.ts";
import { SCRIPT_COMMANDS } from "./commands/script.ts";
import { SERVER_COMMANDS } from "./commands/server.ts";
import { SET_COMMANDS } from "./commands/set.ts";
import { SLOWLOG_COMMANDS } from "./commands/slowlog.ts";
import { SORT_COMMANDS } from "./commands/sort.ts";
import { STREAM_GROUP_COMMANDS } from "./commands/stream-groups.ts";
import { STREAM_COMMANDS } from "./commands/stream.ts";
import { STRING_COMMANDS } from "./commands/string.ts";
import { TRANSACTION_COMMANDS } from "./commands/transaction.ts";
import { ZSET_COMBINE_COMMANDS } from "./commands/zset-combine.ts";
import { ZSET_COMMANDS } from "./commands/zset.ts";

export { ENGINE_INFO } from "./info.ts";

export const ENGINE_COMMANDS: readonly Command[] = [
  ...ABSENT_COMMANDS,
  ...ACL_COMMANDS,
  ...BITMAP_COMMANDS,
  ...CLIENT_COMMANDS,
  ...CLUSTER_COMMANDS,
  ...COMMAND_COMMANDS,
  ...CONFIG_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...DATABASE_COMMANDS,
  ...DEBUG_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...FUNCTION_COMMANDS,
  ...GEO_COMMANDS,
  ...HASH_COMMANDS,
  ...HASH_EXPIRY_COMMANDS,
  ...HYPERLOGLOG_COMMANDS,
  ...KEY_COMMANDS,
  ...LATENCY_COMMANDS,
  ...LIST_COMMANDS,
  ...MEMORY_COMMANDS,
  ...OBJECT_COMMANDS,
  ...PUBSUB_COMMANDS,
  ...SCAN_COMMANDS,
  ...SCRIPT_COMMANDS,
  ...SERVER_COMMANDS,
  ...SET_COMMANDS,
  ...SLOWLOG_COMMANDS,
  ...SORT_COMMANDS,
  ...STREAM_COMMANDS,
  ...STREAM_GROUP_COMMANDS,
  ...STRING_COMMANDS,
  ...TRANSACTION_COMMANDS,
  ...ZSET_COMBINE_COMMANDS,
  ...ZSET_COMMANDS,
];
