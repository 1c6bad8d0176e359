/** COMMAND DOCS of the group `scripting`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const SCRIPTING_DOCS = `
eval 2.6.0
  summary Execute a Lua script server side
  complexity Depends on the script that is executed.
  arguments script:string numkeys:integer key:key@0?* arg:string?*
eval_ro 7.0.0
  summary Execute a read-only Lua script server side
  complexity Depends on the script that is executed.
  arguments script:string numkeys:integer key:key@0?* arg:string?*
evalsha 2.6.0
  summary Execute a Lua script server side
  complexity Depends on the script that is executed.
  arguments sha1:string numkeys:integer key:key@0?* arg:string?*
evalsha_ro 7.0.0
  summary Execute a read-only Lua script server side
  complexity Depends on the script that is executed.
  arguments sha1:string numkeys:integer key:key@0?* arg:string?*
fcall 7.0.0
  summary Invoke a function
  complexity Depends on the function that is executed.
  arguments function:string numkeys:integer key:key@0?* arg:string?*
fcall_ro 7.0.0
  summary Invoke a read-only function
  complexity Depends on the function that is executed.
  arguments function:string numkeys:integer key:key@0?* arg:string?*
function 7.0.0
  summary A container for function commands
  complexity Depends on subcommand.
function|delete 7.0.0
  summary Delete a function by name
  complexity O(1)
  arguments library-name:string
function|dump 7.0.0
  summary Dump all functions into a serialized binary payload
  complexity O(N) where N is the number of functions
function|flush 7.0.0
  summary Deleting all functions
  complexity O(N) where N is the number of functions deleted
  arguments async:oneof? ( async:pure-token=ASYNC sync:pure-token=SYNC )
function|help 7.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
function|kill 7.0.0
  summary Kill the function currently in execution.
  complexity O(1)
function|list 7.0.0
  summary List information about all the functions
  complexity O(N) where N is the number of functions
  arguments library-name-pattern:string?=LIBRARYNAME withcode:pure-token?=WITHCODE
function|load 7.0.0
  summary Create a function with the given arguments (name, code, description)
  complexity O(1) (considering compilation time is redundant)
  arguments replace:pure-token?=REPLACE function-code:string
function|restore 7.0.0
  summary Restore all the functions on the given payload
  complexity O(N) where N is the number of functions on the payload
  arguments serialized-value:string policy:oneof? ( flush:pure-token=FLUSH append:pure-token=APPEND replace:pure-token=REPLACE )
function|stats 7.0.0
  summary Return information about the function currently running (name, description, duration)
  complexity O(1)
script 2.6.0
  summary A container for Lua scripts management commands
  complexity Depends on subcommand.
script|debug 3.2.0
  summary Set the debug mode for executed scripts.
  complexity O(1)
  arguments mode:oneof ( yes:pure-token=YES sync:pure-token=SYNC no:pure-token=NO )
script|exists 2.6.0
  summary Check existence of scripts in the script cache.
  complexity O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).
  arguments sha1:string*
script|flush 2.6.0
  summary Remove all the scripts from the script cache.
  complexity O(N) with N being the number of scripts in cache
  history 6.2.0 Added the \`ASYNC\` and \`SYNC\` flushing mode modifiers.
  arguments async:oneof?^6.2.0 ( async:pure-token=ASYNC sync:pure-token=SYNC )
script|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
script|kill 2.6.0
  summary Kill the script currently in execution.
  complexity O(1)
script|load 2.6.0
  summary Load the specified Lua script into the script cache.
  complexity O(N) with N being the length in bytes of the script body.
  arguments script:string
`;
