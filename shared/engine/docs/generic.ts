/** COMMAND DOCS of the group `generic`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const GENERIC_DOCS = `
copy 6.2.0
  summary Copy a key
  complexity O(N) worst case for collections, where N is the number of nested items. O(1) for string values.
  arguments source:key@0 destination:key@1 destination-db:integer?=DB replace:pure-token?=REPLACE
del 1.0.0
  summary Delete a key
  complexity O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).
  arguments key:key@0*
dump 2.6.0
  summary Return a serialized version of the value stored at the specified key.
  complexity O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).
  arguments key:key@0
exists 1.0.0
  summary Determine if a key exists
  complexity O(N) where N is the number of keys to check.
  history 3.0.3 Accepts multiple \`key\` arguments.
  arguments key:key@0*
expire 1.0.0
  summary Set a key's time to live in seconds
  complexity O(1)
  history 7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
  arguments key:key@0 seconds:integer condition:oneof?^7.0.0 ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT )
expireat 1.2.0
  summary Set the expiration for a key as a UNIX timestamp
  complexity O(1)
  history 7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
  arguments key:key@0 unix-time-seconds:unix-time condition:oneof?^7.0.0 ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT )
expiretime 7.0.0
  summary Get the expiration Unix timestamp for a key
  complexity O(1)
  arguments key:key@0
keys 1.0.0
  summary Find all keys matching the given pattern
  complexity O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.
  arguments pattern:pattern
migrate 2.6.0
  summary Atomically transfer a key from a Redis instance to another one.
  complexity This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.
  history 3.0.0 Added the \`COPY\` and \`REPLACE\` options.
  history 3.0.6 Added the \`KEYS\` option.
  history 4.0.7 Added the \`AUTH\` option.
  history 6.0.0 Added the \`AUTH2\` option.
  arguments host:string port:integer key_or_empty_string:oneof ( key:key@0 empty_string:pure-token= ) destination-db:integer timeout:integer copy:pure-token?^3.0.0=COPY replace:pure-token?^3.0.0=REPLACE authentication:oneof? ( password:string?^4.0.7=AUTH username_password:block?^6.0.0=AUTH2 ( username:string password:string ) ) key:key@1?*^3.0.6=KEYS
move 1.0.0
  summary Move a key to another database
  complexity O(1)
  arguments key:key@0 db:integer
object 2.2.3
  summary A container for object introspection commands
  complexity Depends on subcommand.
object|encoding 2.2.3
  summary Inspect the internal encoding of a Redis object
  complexity O(1)
  arguments key:key@0
object|freq 4.0.0
  summary Get the logarithmic access frequency counter of a Redis object
  complexity O(1)
  arguments key:key@0
object|help 6.2.0
  summary Show helpful text about the different subcommands
  complexity O(1)
object|idletime 2.2.3
  summary Get the time since a Redis object was last accessed
  complexity O(1)
  arguments key:key@0
object|refcount 2.2.3
  summary Get the number of references to the value of the key
  complexity O(1)
  arguments key:key@0
persist 2.2.0
  summary Remove the expiration from a key
  complexity O(1)
  arguments key:key@0
pexpire 2.6.0
  summary Set a key's time to live in milliseconds
  complexity O(1)
  history 7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
  arguments key:key@0 milliseconds:integer condition:oneof?^7.0.0 ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT )
pexpireat 2.6.0
  summary Set the expiration for a key as a UNIX timestamp specified in milliseconds
  complexity O(1)
  history 7.0.0 Added options: \`NX\`, \`XX\`, \`GT\` and \`LT\`.
  arguments key:key@0 unix-time-milliseconds:unix-time condition:oneof?^7.0.0 ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT )
pexpiretime 7.0.0
  summary Get the expiration Unix timestamp for a key in milliseconds
  complexity O(1)
  arguments key:key@0
pttl 2.6.0
  summary Get the time to live for a key in milliseconds
  complexity O(1)
  history 2.8.0 Added the -2 reply.
  arguments key:key@0
randomkey 1.0.0
  summary Return a random key from the keyspace
  complexity O(1)
rename 1.0.0
  summary Rename a key
  complexity O(1)
  arguments key:key@0 newkey:key@1
renamenx 1.0.0
  summary Rename a key, only if the new key does not exist
  complexity O(1)
  history 3.2.0 The command no longer returns an error when source and destination names are the same.
  arguments key:key@0 newkey:key@1
restore 2.6.0
  summary Create a key using the provided serialized value, previously obtained using DUMP.
  complexity O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).
  history 3.0.0 Added the \`REPLACE\` modifier.
  history 5.0.0 Added the \`ABSTTL\` modifier.
  history 5.0.0 Added the \`IDLETIME\` and \`FREQ\` options.
  arguments key:key@0 ttl:integer serialized-value:string replace:pure-token?^3.0.0=REPLACE absttl:pure-token?^5.0.0=ABSTTL seconds:integer?^5.0.0=IDLETIME frequency:integer?^5.0.0=FREQ
scan 2.8.0
  summary Incrementally iterate the keys space
  complexity O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
  history 6.0.0 Added the \`TYPE\` subcommand.
  arguments cursor:integer pattern:pattern?=MATCH count:integer?=COUNT type:string?^6.0.0=TYPE
sort 1.0.0
  summary Sort the elements in a list, set or sorted set
  complexity O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
  arguments key:key@0 pattern:pattern@1?=BY offset_count:block?=LIMIT ( offset:integer count:integer ) pattern:pattern@1?*+=GET order:oneof? ( asc:pure-token=ASC desc:pure-token=DESC ) sorting:pure-token?=ALPHA destination:key@2?=STORE
sort_ro 7.0.0
  summary Sort the elements in a list, set or sorted set. Read-only variant of SORT.
  complexity O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
  arguments key:key@0 pattern:pattern@1?=BY offset_count:block?=LIMIT ( offset:integer count:integer ) pattern:pattern@1?*+=GET order:oneof? ( asc:pure-token=ASC desc:pure-token=DESC ) sorting:pure-token?=ALPHA
touch 3.2.1
  summary Alters the last access time of a key(s). Returns the number of existing keys specified.
  complexity O(N) where N is the number of keys that will be touched.
  arguments key:key@0*
ttl 1.0.0
  summary Get the time to live for a key in seconds
  complexity O(1)
  history 2.8.0 Added the -2 reply.
  arguments key:key@0
type 1.0.0
  summary Determine the type stored at key
  complexity O(1)
  arguments key:key@0
unlink 4.0.0
  summary Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.
  complexity O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.
  arguments key:key@0*
wait 3.0.0
  summary Wait for the synchronous replication of all the write commands sent in the context of the current connection
  complexity O(1)
  arguments numreplicas:integer timeout:integer
`;
