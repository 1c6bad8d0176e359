/** COMMAND DOCS of the group `stream`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const STREAM_DOCS = `
xack 5.0.0
  summary Marks a pending message as correctly processed, effectively removing it from the pending entries list of the consumer group. Return value of the command is the number of messages successfully acknowledged, that is, the IDs we were actually able to resolve in the PEL.
  complexity O(1) for each message ID processed.
  arguments key:key@0 group:string id:string*
xadd 5.0.0
  summary Appends a new entry to a stream
  complexity O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.
  history 6.2.0 Added the \`NOMKSTREAM\` option, \`MINID\` trimming strategy and the \`LIMIT\` option.
  history 7.0.0 Added support for the \`<ms>-*\` explicit ID form.
  arguments key:key@0 nomkstream:pure-token?^6.2.0=NOMKSTREAM trim:block? ( strategy:oneof ( maxlen:pure-token=MAXLEN minid:pure-token^6.2.0=MINID ) operator:oneof? ( equal:pure-token== approximately:pure-token=~ ) threshold:string count:integer?^6.2.0=LIMIT ) id_or_auto:oneof ( auto_id:pure-token=* id:string ) field_value:block* ( field:string value:string )
xautoclaim 6.2.0
  summary Changes (or acquires) ownership of messages in a consumer group, as if the messages were delivered to the specified consumer.
  complexity O(1) if COUNT is small.
  history 7.0.0 Added an element to the reply array, containing deleted entries the command cleared from the PEL
  arguments key:key@0 group:string consumer:string min-idle-time:string start:string count:integer?=COUNT justid:pure-token?=JUSTID
xclaim 5.0.0
  summary Changes (or acquires) ownership of a message in a consumer group, as if the message was delivered to the specified consumer.
  complexity O(log N) with N being the number of messages in the PEL of the consumer group.
  arguments key:key@0 group:string consumer:string min-idle-time:string id:string* ms:integer?=IDLE unix-time-milliseconds:unix-time?=TIME count:integer?=RETRYCOUNT force:pure-token?=FORCE justid:pure-token?=JUSTID id:string?=LASTID
xdel 5.0.0
  summary Removes the specified entries from the stream. Returns the number of items actually deleted, that may be different from the number of IDs passed in case certain IDs do not exist.
  complexity O(1) for each single item to delete in the stream, regardless of the stream size.
  arguments key:key@0 id:string*
xgroup 5.0.0
  summary A container for consumer groups commands
  complexity Depends on subcommand.
xgroup|create 5.0.0
  summary Create a consumer group.
  complexity O(1)
  history 7.0.0 Added the \`entries_read\` named argument.
  arguments key:key@0 groupname:string id:oneof ( id:string new_id:pure-token=$ ) mkstream:pure-token?=MKSTREAM entries_read:integer?=ENTRIESREAD
xgroup|createconsumer 6.2.0
  summary Create a consumer in a consumer group.
  complexity O(1)
  arguments key:key@0 groupname:string consumername:string
xgroup|delconsumer 5.0.0
  summary Delete a consumer from a consumer group.
  complexity O(1)
  arguments key:key@0 groupname:string consumername:string
xgroup|destroy 5.0.0
  summary Destroy a consumer group.
  complexity O(N) where N is the number of entries in the group's pending entries list (PEL).
  arguments key:key@0 groupname:string
xgroup|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
xgroup|setid 5.0.0
  summary Set a consumer group to an arbitrary last delivered ID value.
  complexity O(1)
  history 7.0.0 Added the optional \`entries_read\` argument.
  arguments key:key@0 groupname:string id:oneof ( id:string new_id:pure-token=$ ) entries_read:integer?=ENTRIESREAD
xinfo 5.0.0
  summary A container for stream introspection commands
  complexity Depends on subcommand.
xinfo|consumers 5.0.0
  summary List the consumers in a consumer group
  complexity O(1)
  arguments key:key@0 groupname:string
xinfo|groups 5.0.0
  summary List the consumer groups of a stream
  complexity O(1)
  history 7.0.0 Added the \`entries-read\` and \`lag\` fields
  arguments key:key@0
xinfo|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
xinfo|stream 5.0.0
  summary Get information about a stream
  complexity O(1)
  history 6.0.0 Added the \`FULL\` modifier.
  history 7.0.0 Added the \`max-deleted-entry-id\`, \`entries-added\`, \`recorded-first-entry-id\`, \`entries-read\` and \`lag\` fields
  arguments key:key@0 full:block?=FULL ( count:integer?=COUNT )
xlen 5.0.0
  summary Return the number of entries in a stream
  complexity O(1)
  arguments key:key@0
xpending 5.0.0
  summary Return information and entries from a stream consumer group pending entries list, that are messages fetched but never acknowledged.
  complexity O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.
  history 6.2.0 Added the \`IDLE\` option and exclusive range intervals.
  arguments key:key@0 group:string filters:block? ( min-idle-time:integer?^6.2.0=IDLE start:string end:string count:integer consumer:string? )
xrange 5.0.0
  summary Return a range of elements in a stream, with IDs matching the specified IDs interval
  complexity O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).
  history 6.2.0 Added exclusive ranges.
  arguments key:key@0 start:string end:string count:integer?=COUNT
xread 5.0.0
  summary Return never seen elements in multiple streams, with IDs greater than the ones reported by the caller for each stream. Can block.
  complexity For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.
  arguments count:integer?=COUNT milliseconds:integer?=BLOCK streams:block=STREAMS ( key:key@0* id:string* )
xreadgroup 5.0.0
  summary Return new entries from a stream using a consumer group, or access the history of the pending entries for a given consumer. Can block.
  complexity For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
  arguments group_consumer:block=GROUP ( group:string consumer:string ) count:integer?=COUNT milliseconds:integer?=BLOCK noack:pure-token?=NOACK streams:block=STREAMS ( key:key@0* id:string* )
xrevrange 5.0.0
  summary Return a range of elements in a stream, with IDs matching the specified IDs interval, in reverse order (from greater to smaller IDs) compared to XRANGE
  complexity O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).
  history 6.2.0 Added exclusive ranges.
  arguments key:key@0 end:string start:string count:integer?=COUNT
xsetid 5.0.0
  summary An internal command for replicating stream values
  complexity O(1)
  history 7.0.0 Added the \`entries_added\` and \`max_deleted_entry_id\` arguments.
  arguments key:key@0 last-id:string entries_added:integer?^7.0.0=ENTRIESADDED max_deleted_entry_id:string?^7.0.0=MAXDELETEDID
xtrim 5.0.0
  summary Trims the stream to (approximately if '~' is passed) a certain size
  complexity O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.
  history 6.2.0 Added the \`MINID\` trimming strategy and the \`LIMIT\` option.
  arguments key:key@0 trim:block ( strategy:oneof ( maxlen:pure-token=MAXLEN minid:pure-token^6.2.0=MINID ) operator:oneof? ( equal:pure-token== approximately:pure-token=~ ) threshold:string count:integer?^6.2.0=LIMIT )
`;
