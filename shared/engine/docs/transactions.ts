/** COMMAND DOCS of the group `transactions`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const TRANSACTIONS_DOCS = `
discard 2.0.0
  summary Discard all commands issued after MULTI
  complexity O(N), when N is the number of queued commands
exec 1.2.0
  summary Execute all commands issued after MULTI
  complexity Depends on commands in the transaction
multi 1.2.0
  summary Mark the start of a transaction block
  complexity O(1)
unwatch 2.2.0
  summary Forget about all watched keys
  complexity O(1)
watch 2.2.0
  summary Watch the given keys to determine execution of the MULTI/EXEC block
  complexity O(1) for every key.
  arguments key:key@0*
`;
