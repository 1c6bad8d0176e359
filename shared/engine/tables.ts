/**
 * Every command and every INFO section of the engine; `shared/replication` adds its own to both.
 */
import type { Command } from "./command.ts";
import { ACL_COMMANDS } from "./commands/acl.ts";
import { CLIENT_COMMANDS } from "./commands/client.ts";
import { CLUSTER_COMMANDS } from "./commands/cluster.ts";
import { COMMAND_COMMANDS } from "./commands/command-info.ts";
import { CONFIG_COMMANDS } from "./commands/config.ts";
import { CONNECTION_COMMANDS } from "./commands/connection.ts";
import { DATABASE_COMMANDS } from "./commands/database.ts";
import { DEBUG_COMMANDS } from "./commands/debug.ts";
import { EXPIRE_COMMANDS } from "./commands/expire.ts";
import { KEY_COMMANDS } from "./commands/keys.ts";
import { MEMORY_COMMANDS } from "./commands/memory.ts";
import { OBJECT_COMMANDS } from "./commands/object.ts";
import { SCAN_COMMANDS } from "./commands/scan.ts";
import { SERVER_COMMANDS } from "./commands/server.ts";
import { SLOWLOG_COMMANDS } from "./commands/slowlog.ts";
import { STRING_COMMANDS } from "./commands/string.ts";
import { TRANSACTION_COMMANDS } from "./commands/transaction.ts";

export { ENGINE_INFO } from "./info.ts";

export const ENGINE_COMMANDS: readonly Command[] = [
  ...ACL_COMMANDS,
  ...CLIENT_COMMANDS,
  ...CLUSTER_COMMANDS,
  ...COMMAND_COMMANDS,
  ...CONFIG_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...DATABASE_COMMANDS,
  ...DEBUG_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...KEY_COMMANDS,
  ...MEMORY_COMMANDS,
  ...OBJECT_COMMANDS,
  ...SCAN_COMMANDS,
  ...SERVER_COMMANDS,
  ...SLOWLOG_COMMANDS,
  ...STRING_COMMANDS,
  ...TRANSACTION_COMMANDS,
];
