/**
 * What COMMAND DOCS says of each command: since when, group, complexity, summary. From Redis 7.0's own
 * COMMAND DOCS (BSD license); a text, because hardly anyone asks and it should cost nothing until then.
 */
import type { Command, CommandDocs } from "./command.ts";

let byName: Map<string, CommandDocs> | undefined;

/** The documentation of a row: its own where it has one, Redis's otherwise. */
export function docsOf({ name, docs }: Command): CommandDocs {
  return docs.summary === "" ? (table().get(name) ?? docs) : docs;
}

function table(): Map<string, CommandDocs> {
  byName ??= new Map(
    TEXT.trim()
      .split("\n")
      .map((line) => {
        const [name, since, group, complexity, summary] = line.split(";;");
        return [
          name!,
          { since: since!, group: group!, complexity: complexity!, summary: summary! },
        ];
      }),
  );
  return byName;
}

/** name;;since;;group;;complexity;;summary */
const TEXT = `
acl;;6.0.0;;server;;Depends on subcommand.;;A container for Access List Control commands 
acl|cat;;6.0.0;;server;;O(1) since the categories and commands are a fixed set.;;List the ACL categories or the commands inside a category
acl|deluser;;6.0.0;;server;;O(1) amortized time considering the typical user.;;Remove the specified ACL users and the associated rules
acl|dryrun;;7.0.0;;server;;O(1).;;Returns whether the user can execute the given command without executing the command.
acl|genpass;;6.0.0;;server;;O(1);;Generate a pseudorandom secure password to use for ACL users
acl|getuser;;6.0.0;;server;;O(N). Where N is the number of password, command and pattern rules that the user has.;;Get the rules for a specific ACL user
acl|help;;6.0.0;;server;;O(1);;Show helpful text about the different subcommands
acl|list;;6.0.0;;server;;O(N). Where N is the number of configured users.;;List the current ACL rules in ACL config file format
acl|load;;6.0.0;;server;;O(N). Where N is the number of configured users.;;Reload the ACLs from the configured ACL file
acl|log;;6.0.0;;server;;O(N) with N being the number of entries shown.;;List latest events denied because of ACLs in place
acl|save;;6.0.0;;server;;O(N). Where N is the number of configured users.;;Save the current ACL rules in the configured ACL file
acl|setuser;;6.0.0;;server;;O(N). Where N is the number of rules provided.;;Modify or create the rules for a specific ACL user
acl|users;;6.0.0;;server;;O(N). Where N is the number of configured users.;;List the username of all the configured ACL rules
acl|whoami;;6.0.0;;server;;O(1);;Return the name of the user associated to the current connection
append;;2.0.0;;string;;O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.;;Append a value to a key
asking;;3.0.0;;cluster;;O(1);;Sent by cluster clients after an -ASK redirect
auth;;1.0.0;;connection;;O(N) where N is the number of passwords defined for the user;;Authenticate to the server
bgrewriteaof;;1.0.0;;server;;O(1);;Asynchronously rewrite the append-only file
bgsave;;1.0.0;;server;;O(1);;Asynchronously save the dataset to disk
bitcount;;2.6.0;;bitmap;;O(N);;Count set bits in a string
bitfield;;3.2.0;;bitmap;;O(1) for each subcommand specified;;Perform arbitrary bitfield integer operations on strings
bitfield_ro;;6.0.0;;bitmap;;O(1) for each subcommand specified;;Perform arbitrary bitfield integer operations on strings. Read-only variant of BITFIELD
bitop;;2.6.0;;bitmap;;O(N);;Perform bitwise operations between strings
bitpos;;2.8.7;;bitmap;;O(N);;Find first bit set or clear in a string
blmove;;6.2.0;;list;;O(1);;Pop an element from a list, push it to another list and return it; or block until one is available
blmpop;;7.0.0;;list;;O(N+M) where N is the number of provided keys and M is the number of elements returned.;;Pop elements from a list, or block until one is available
blpop;;2.0.0;;list;;O(N) where N is the number of provided keys.;;Remove and get the first element in a list, or block until one is available
brpop;;2.0.0;;list;;O(N) where N is the number of provided keys.;;Remove and get the last element in a list, or block until one is available
brpoplpush;;2.2.0;;list;;O(1);;Pop an element from a list, push it to another list and return it; or block until one is available
bzmpop;;7.0.0;;sorted-set;;O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.;;Remove and return members with scores in a sorted set or block until one is available
bzpopmax;;5.0.0;;sorted-set;;O(log(N)) with N being the number of elements in the sorted set.;;Remove and return the member with the highest score from one or more sorted sets, or block until one is available
bzpopmin;;5.0.0;;sorted-set;;O(log(N)) with N being the number of elements in the sorted set.;;Remove and return the member with the lowest score from one or more sorted sets, or block until one is available
client;;2.4.0;;connection;;Depends on subcommand.;;A container for client connection commands
client|caching;;6.0.0;;connection;;O(1);;Instruct the server about tracking or not keys in the next request
client|getname;;2.6.9;;connection;;O(1);;Get the current connection name
client|getredir;;6.0.0;;connection;;O(1);;Get tracking notifications redirection client ID if any
client|help;;5.0.0;;connection;;O(1);;Show helpful text about the different subcommands
client|id;;5.0.0;;connection;;O(1);;Returns the client ID for the current connection
client|info;;6.2.0;;connection;;O(1);;Returns information about the current client connection.
client|kill;;2.4.0;;connection;;O(N) where N is the number of client connections;;Kill the connection of a client
client|list;;2.4.0;;connection;;O(N) where N is the number of client connections;;Get the list of client connections
client|no-evict;;7.0.0;;connection;;O(1);;Set client eviction mode for the current connection
client|no-touch;;7.2.0;;connection;;O(1);;Control whether commands sent by the client affect the LRU/LFU of accessed keys
client|pause;;2.9.50;;connection;;O(1);;Stop processing commands from clients for some time
client|reply;;3.2.0;;connection;;O(1);;Instruct the server whether to reply to commands
client|setinfo;;7.2.0;;connection;;O(1);;Set information specific to the client or connection
client|setname;;2.6.9;;connection;;O(1);;Set the current connection name
client|tracking;;6.0.0;;connection;;O(1). Some options may introduce additional complexity.;;Enable or disable server assisted client side caching support
client|trackinginfo;;6.2.0;;connection;;O(1);;Return information about server assisted client side caching for the current connection
client|unblock;;5.0.0;;connection;;O(log N) where N is the number of client connections;;Unblock a client blocked in a blocking command from a different connection
client|unpause;;6.2.0;;connection;;O(N) Where N is the number of paused clients;;Resume processing of clients that were paused
cluster;;3.0.0;;cluster;;Depends on subcommand.;;A container for cluster commands
cluster|addslots;;3.0.0;;cluster;;O(N) where N is the total number of hash slot arguments;;Assign new hash slots to receiving node
cluster|addslotsrange;;7.0.0;;cluster;;O(N) where N is the total number of the slots between the start slot and end slot arguments.;;Assign new hash slots to receiving node
cluster|bumpepoch;;3.0.0;;cluster;;O(1);;Advance the cluster config epoch
cluster|count-failure-reports;;3.0.0;;cluster;;O(N) where N is the number of failure reports;;Return the number of failure reports active for a given node
cluster|countkeysinslot;;3.0.0;;cluster;;O(1);;Return the number of local keys in the specified hash slot
cluster|delslots;;3.0.0;;cluster;;O(N) where N is the total number of hash slot arguments;;Set hash slots as unbound in receiving node
cluster|delslotsrange;;7.0.0;;cluster;;O(N) where N is the total number of the slots between the start slot and end slot arguments.;;Set hash slots as unbound in receiving node
cluster|failover;;3.0.0;;cluster;;O(1);;Forces a replica to perform a manual failover of its master.
cluster|flushslots;;3.0.0;;cluster;;O(1);;Delete a node's own slots information
cluster|forget;;3.0.0;;cluster;;O(1);;Remove a node from the nodes table
cluster|getkeysinslot;;3.0.0;;cluster;;O(log(N)) where N is the number of requested keys;;Return local key names in the specified hash slot
cluster|help;;5.0.0;;cluster;;O(1);;Show helpful text about the different subcommands
cluster|info;;3.0.0;;cluster;;O(1);;Provides info about Redis Cluster node state
cluster|keyslot;;3.0.0;;cluster;;O(N) where N is the number of bytes in the key;;Returns the hash slot of the specified key
cluster|links;;7.0.0;;cluster;;O(N) where N is the total number of Cluster nodes;;Returns a list of all TCP links to and from peer nodes in cluster
cluster|meet;;3.0.0;;cluster;;O(1);;Force a node cluster to handshake with another node
cluster|myid;;3.0.0;;cluster;;O(1);;Return the node id
cluster|nodes;;3.0.0;;cluster;;O(N) where N is the total number of Cluster nodes;;Get Cluster config for the node
cluster|replicas;;5.0.0;;cluster;;O(1);;List replica nodes of the specified master node
cluster|replicate;;3.0.0;;cluster;;O(1);;Reconfigure a node as a replica of the specified master node
cluster|reset;;3.0.0;;cluster;;O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.;;Reset a Redis Cluster node
cluster|saveconfig;;3.0.0;;cluster;;O(1);;Forces the node to save cluster state on disk
cluster|set-config-epoch;;3.0.0;;cluster;;O(1);;Set the configuration epoch in a new node
cluster|setslot;;3.0.0;;cluster;;O(1);;Bind a hash slot to a specific node
cluster|shards;;7.0.0;;cluster;;O(N) where N is the total number of cluster nodes;;Get array of cluster slots to node mappings
cluster|slaves;;3.0.0;;cluster;;O(1);;List replica nodes of the specified master node
cluster|slots;;3.0.0;;cluster;;O(N) where N is the total number of Cluster nodes;;Get array of Cluster slot to node mappings
command;;2.8.13;;server;;O(N) where N is the total number of Redis commands;;Get array of Redis command details
command|count;;2.8.13;;server;;O(1);;Get total number of Redis commands
command|docs;;7.0.0;;server;;O(N) where N is the number of commands to look up;;Get array of specific Redis command documentation
command|getkeys;;2.8.13;;server;;O(N) where N is the number of arguments to the command;;Extract keys given a full Redis command
command|getkeysandflags;;7.0.0;;server;;O(N) where N is the number of arguments to the command;;Extract keys and access flags given a full Redis command
command|help;;5.0.0;;server;;O(1);;Show helpful text about the different subcommands
command|info;;2.8.13;;server;;O(N) where N is the number of commands to look up;;Get array of specific Redis command details, or all when no argument is given.
command|list;;7.0.0;;server;;O(N) where N is the total number of Redis commands;;Get an array of Redis command names
config;;2.0.0;;server;;Depends on subcommand.;;A container for server configuration commands
config|get;;2.0.0;;server;;O(N) when N is the number of configuration parameters provided;;Get the values of configuration parameters
config|help;;5.0.0;;server;;O(1);;Show helpful text about the different subcommands
config|resetstat;;2.0.0;;server;;O(1);;Reset the stats returned by INFO
config|rewrite;;2.8.0;;server;;O(1);;Rewrite the configuration file with the in memory configuration
config|set;;2.0.0;;server;;O(N) when N is the number of configuration parameters provided;;Set configuration parameters to the given values
copy;;6.2.0;;generic;;O(N) worst case for collections, where N is the number of nested items. O(1) for string values.;;Copy a key
dbsize;;1.0.0;;server;;O(1);;Return the number of keys in the selected database
debug;;1.0.0;;server;;Depends on subcommand.;;A container for debugging commands
decr;;1.0.0;;string;;O(1);;Decrement the integer value of a key by one
decrby;;1.0.0;;string;;O(1);;Decrement the integer value of a key by the given number
del;;1.0.0;;generic;;O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).;;Delete a key
discard;;2.0.0;;transactions;;O(N), when N is the number of queued commands;;Discard all commands issued after MULTI
dump;;2.6.0;;generic;;O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).;;Return a serialized version of the value stored at the specified key.
echo;;1.0.0;;connection;;O(1);;Echo the given string
eval;;2.6.0;;scripting;;Depends on the script that is executed.;;Execute a Lua script server side
eval_ro;;7.0.0;;scripting;;Depends on the script that is executed.;;Execute a read-only Lua script server side
evalsha;;2.6.0;;scripting;;Depends on the script that is executed.;;Execute a Lua script server side
evalsha_ro;;7.0.0;;scripting;;Depends on the script that is executed.;;Execute a read-only Lua script server side
exec;;1.2.0;;transactions;;Depends on commands in the transaction;;Execute all commands issued after MULTI
exists;;1.0.0;;generic;;O(N) where N is the number of keys to check.;;Determine if a key exists
expire;;1.0.0;;generic;;O(1);;Set a key's time to live in seconds
expireat;;1.2.0;;generic;;O(1);;Set the expiration for a key as a UNIX timestamp
expiretime;;7.0.0;;generic;;O(1);;Get the expiration Unix timestamp for a key
failover;;6.2.0;;server;;O(1);;Start a coordinated failover between this server and one of its replicas.
fcall;;7.0.0;;scripting;;Depends on the function that is executed.;;Invoke a function
fcall_ro;;7.0.0;;scripting;;Depends on the function that is executed.;;Invoke a read-only function
flushall;;1.0.0;;server;;O(N) where N is the total number of keys in all databases;;Remove all keys from all databases
flushdb;;1.0.0;;server;;O(N) where N is the number of keys in the selected database;;Remove all keys from the current database
function;;7.0.0;;scripting;;Depends on subcommand.;;A container for function commands
function|delete;;7.0.0;;scripting;;O(1);;Delete a function by name
function|dump;;7.0.0;;scripting;;O(N) where N is the number of functions;;Dump all functions into a serialized binary payload
function|flush;;7.0.0;;scripting;;O(N) where N is the number of functions deleted;;Deleting all functions
function|help;;7.0.0;;scripting;;O(1);;Show helpful text about the different subcommands
function|kill;;7.0.0;;scripting;;O(1);;Kill the function currently in execution.
function|list;;7.0.0;;scripting;;O(N) where N is the number of functions;;List information about all the functions
function|load;;7.0.0;;scripting;;O(1) (considering compilation time is redundant);;Create a function with the given arguments (name, code, description)
function|restore;;7.0.0;;scripting;;O(N) where N is the number of functions on the payload;;Restore all the functions on the given payload
function|stats;;7.0.0;;scripting;;O(1);;Return information about the function currently running (name, description, duration)
geoadd;;3.2.0;;geo;;O(log(N)) for each item added, where N is the number of elements in the sorted set.;;Add one or more geospatial items in the geospatial index represented using a sorted set
geodist;;3.2.0;;geo;;O(log(N));;Returns the distance between two members of a geospatial index
geohash;;3.2.0;;geo;;O(log(N)) for each member requested, where N is the number of elements in the sorted set.;;Returns members of a geospatial index as standard geohash strings
geopos;;3.2.0;;geo;;O(N) where N is the number of members requested.;;Returns longitude and latitude of members of a geospatial index
georadius;;3.2.0;;geo;;O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.;;Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a point
georadius_ro;;3.2.10;;geo;;O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.;;A read-only variant for GEORADIUS
georadiusbymember;;3.2.0;;geo;;O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.;;Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a member
georadiusbymember_ro;;3.2.10;;geo;;O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.;;A read-only variant for GEORADIUSBYMEMBER
geosearch;;6.2.0;;geo;;O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape;;Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle.
geosearchstore;;6.2.0;;geo;;O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape;;Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle, and store the result in another key.
get;;1.0.0;;string;;O(1);;Get the value of a key
getbit;;2.2.0;;bitmap;;O(1);;Returns the bit value at offset in the string value stored at key
getdel;;6.2.0;;string;;O(1);;Get the value of a key and delete the key
getex;;6.2.0;;string;;O(1);;Get the value of a key and optionally set its expiration
getrange;;2.4.0;;string;;O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.;;Get a substring of the string stored at a key
getset;;1.0.0;;string;;O(1);;Set the string value of a key and return its old value
hdel;;2.0.0;;hash;;O(N) where N is the number of fields to be removed.;;Delete one or more hash fields
hello;;6.0.0;;connection;;O(1);;Handshake with Redis
hexists;;2.0.0;;hash;;O(1);;Determine if a hash field exists
hget;;2.0.0;;hash;;O(1);;Get the value of a hash field
hgetall;;2.0.0;;hash;;O(N) where N is the size of the hash.;;Get all the fields and values in a hash
hincrby;;2.0.0;;hash;;O(1);;Increment the integer value of a hash field by the given number
hincrbyfloat;;2.6.0;;hash;;O(1);;Increment the float value of a hash field by the given amount
hkeys;;2.0.0;;hash;;O(N) where N is the size of the hash.;;Get all the fields in a hash
hlen;;2.0.0;;hash;;O(1);;Get the number of fields in a hash
hmget;;2.0.0;;hash;;O(N) where N is the number of fields being requested.;;Get the values of all the given hash fields
hmset;;2.0.0;;hash;;O(N) where N is the number of fields being set.;;Set multiple hash fields to multiple values
hrandfield;;6.2.0;;hash;;O(N) where N is the number of fields returned;;Get one or multiple random fields from a hash
hscan;;2.8.0;;hash;;O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..;;Incrementally iterate hash fields and associated values
hset;;2.0.0;;hash;;O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.;;Set the string value of a hash field
hsetnx;;2.0.0;;hash;;O(1);;Set the value of a hash field, only if the field does not exist
hstrlen;;3.2.0;;hash;;O(1);;Get the length of the value of a hash field
hvals;;2.0.0;;hash;;O(N) where N is the size of the hash.;;Get all the values in a hash
incr;;1.0.0;;string;;O(1);;Increment the integer value of a key by one
incrby;;1.0.0;;string;;O(1);;Increment the integer value of a key by the given amount
incrbyfloat;;2.6.0;;string;;O(1);;Increment the float value of a key by the given amount
info;;1.0.0;;server;;O(1);;Get information and statistics about the server
keys;;1.0.0;;generic;;O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.;;Find all keys matching the given pattern
lastsave;;1.0.0;;server;;O(1);;Get the UNIX time stamp of the last successful save to disk
latency;;2.8.13;;server;;Depends on subcommand.;;A container for latency diagnostics commands
latency|doctor;;2.8.13;;server;;O(1);;Return a human readable latency analysis report.
latency|graph;;2.8.13;;server;;O(1);;Return a latency graph for the event.
latency|help;;2.8.13;;server;;O(1);;Show helpful text about the different subcommands.
latency|histogram;;7.0.0;;server;;O(N) where N is the number of commands with latency information being retrieved.;;Return the cumulative distribution of latencies of a subset of commands or all.
latency|history;;2.8.13;;server;;O(1);;Return timestamp-latency samples for the event.
latency|latest;;2.8.13;;server;;O(1);;Return the latest latency samples for all events.
latency|reset;;2.8.13;;server;;O(1);;Reset latency data for one or more events.
lcs;;7.0.0;;string;;O(N*M) where N and M are the lengths of s1 and s2, respectively;;Find longest common substring
lindex;;1.0.0;;list;;O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).;;Get an element from a list by its index
linsert;;2.2.0;;list;;O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).;;Insert an element before or after another element in a list
llen;;1.0.0;;list;;O(1);;Get the length of a list
lmove;;6.2.0;;list;;O(1);;Pop an element from a list, push it to another list and return it
lmpop;;7.0.0;;list;;O(N+M) where N is the number of provided keys and M is the number of elements returned.;;Pop elements from a list
lolwut;;5.0.0;;server;;;;Display some computer art and the Redis version
lpop;;1.0.0;;list;;O(N) where N is the number of elements returned;;Remove and get the first elements in a list
lpos;;6.0.6;;list;;O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.;;Return the index of matching elements on a list
lpush;;1.0.0;;list;;O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.;;Prepend one or multiple elements to a list
lpushx;;2.2.0;;list;;O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.;;Prepend an element to a list, only if the list exists
lrange;;1.0.0;;list;;O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.;;Get a range of elements from a list
lrem;;1.0.0;;list;;O(N+M) where N is the length of the list and M is the number of elements removed.;;Remove elements from a list
lset;;1.0.0;;list;;O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).;;Set the value of an element in a list by its index
ltrim;;1.0.0;;list;;O(N) where N is the number of elements to be removed by the operation.;;Trim a list to the specified range
memory;;4.0.0;;server;;Depends on subcommand.;;A container for memory diagnostics commands
memory|doctor;;4.0.0;;server;;O(1);;Outputs memory problems report
memory|help;;4.0.0;;server;;O(1);;Show helpful text about the different subcommands
memory|malloc-stats;;4.0.0;;server;;Depends on how much memory is allocated, could be slow;;Show allocator internal stats
memory|purge;;4.0.0;;server;;Depends on how much memory is allocated, could be slow;;Ask the allocator to release memory
memory|stats;;4.0.0;;server;;O(1);;Show memory usage details
memory|usage;;4.0.0;;server;;O(N) where N is the number of samples.;;Estimate the memory usage of a key
mget;;1.0.0;;string;;O(N) where N is the number of keys to retrieve.;;Get the values of all the given keys
migrate;;2.6.0;;generic;;This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.;;Atomically transfer a key from a Redis instance to another one.
module;;4.0.0;;server;;Depends on subcommand.;;A container for module commands
module|help;;5.0.0;;server;;O(1);;Show helpful text about the different subcommands
module|list;;4.0.0;;server;;O(N) where N is the number of loaded modules.;;List all modules loaded by the server
module|load;;4.0.0;;server;;O(1);;Load a module
module|loadex;;7.0.0;;server;;O(1);;Load a module with extended parameters
module|unload;;4.0.0;;server;;O(1);;Unload a module
monitor;;1.0.0;;server;;;;Listen for all requests received by the server in real time
move;;1.0.0;;generic;;O(1);;Move a key to another database
mset;;1.0.1;;string;;O(N) where N is the number of keys to set.;;Set multiple keys to multiple values
msetnx;;1.0.1;;string;;O(N) where N is the number of keys to set.;;Set multiple keys to multiple values, only if none of the keys exist
multi;;1.2.0;;transactions;;O(1);;Mark the start of a transaction block
object;;2.2.3;;generic;;Depends on subcommand.;;A container for object introspection commands
object|encoding;;2.2.3;;generic;;O(1);;Inspect the internal encoding of a Redis object
object|freq;;4.0.0;;generic;;O(1);;Get the logarithmic access frequency counter of a Redis object
object|help;;6.2.0;;generic;;O(1);;Show helpful text about the different subcommands
object|idletime;;2.2.3;;generic;;O(1);;Get the time since a Redis object was last accessed
object|refcount;;2.2.3;;generic;;O(1);;Get the number of references to the value of the key
persist;;2.2.0;;generic;;O(1);;Remove the expiration from a key
pexpire;;2.6.0;;generic;;O(1);;Set a key's time to live in milliseconds
pexpireat;;2.6.0;;generic;;O(1);;Set the expiration for a key as a UNIX timestamp specified in milliseconds
pexpiretime;;7.0.0;;generic;;O(1);;Get the expiration Unix timestamp for a key in milliseconds
pfadd;;2.8.9;;hyperloglog;;O(1) to add every element.;;Adds the specified elements to the specified HyperLogLog.
pfcount;;2.8.9;;hyperloglog;;O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.;;Return the approximated cardinality of the set(s) observed by the HyperLogLog at key(s).
pfdebug;;2.8.9;;hyperloglog;;N/A;;Internal commands for debugging HyperLogLog values
pfmerge;;2.8.9;;hyperloglog;;O(N) to merge N HyperLogLogs, but with high constant times.;;Merge N different HyperLogLogs into a single one.
pfselftest;;2.8.9;;hyperloglog;;N/A;;An internal command for testing HyperLogLog values
ping;;1.0.0;;connection;;O(1);;Ping the server
psetex;;2.6.0;;string;;O(1);;Set the value and expiration in milliseconds of a key
psubscribe;;2.0.0;;pubsub;;O(N) where N is the number of patterns the client is already subscribed to.;;Listen for messages published to channels matching the given patterns
psync;;2.8.0;;server;;;;Internal command used for replication
pttl;;2.6.0;;generic;;O(1);;Get the time to live for a key in milliseconds
publish;;2.0.0;;pubsub;;O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).;;Post a message to a channel
pubsub;;2.8.0;;pubsub;;Depends on subcommand.;;A container for Pub/Sub commands
pubsub|channels;;2.8.0;;pubsub;;O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns);;List active channels
pubsub|help;;6.2.0;;pubsub;;O(1);;Show helpful text about the different subcommands
pubsub|numpat;;2.8.0;;pubsub;;O(1);;Get the count of unique patterns pattern subscriptions
pubsub|numsub;;2.8.0;;pubsub;;O(N) for the NUMSUB subcommand, where N is the number of requested channels;;Get the count of subscribers for channels
pubsub|shardchannels;;7.0.0;;pubsub;;O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).;;List active shard channels
pubsub|shardnumsub;;7.0.0;;pubsub;;O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels;;Get the count of subscribers for shard channels
punsubscribe;;2.0.0;;pubsub;;O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).;;Stop listening for messages posted to channels matching the given patterns
quit;;1.0.0;;connection;;O(1);;Close the connection
randomkey;;1.0.0;;generic;;O(1);;Return a random key from the keyspace
readonly;;3.0.0;;cluster;;O(1);;Enables read queries for a connection to a cluster replica node
readwrite;;3.0.0;;cluster;;O(1);;Disables read queries for a connection to a cluster replica node
rename;;1.0.0;;generic;;O(1);;Rename a key
renamenx;;1.0.0;;generic;;O(1);;Rename a key, only if the new key does not exist
replconf;;3.0.0;;server;;O(1);;An internal command for configuring the replication stream
replicaof;;5.0.0;;server;;O(1);;Make the server a replica of another instance, or promote it as master.
reset;;6.2.0;;connection;;O(1);;Reset the connection
restore;;2.6.0;;generic;;O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).;;Create a key using the provided serialized value, previously obtained using DUMP.
restore-asking;;3.0.0;;server;;O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).;;An internal command for migrating keys in a cluster
role;;2.8.12;;server;;O(1);;Return the role of the instance in the context of replication
rpop;;1.0.0;;list;;O(N) where N is the number of elements returned;;Remove and get the last elements in a list
rpoplpush;;1.2.0;;list;;O(1);;Remove the last element in a list, prepend it to another list and return it
rpush;;1.0.0;;list;;O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.;;Append one or multiple elements to a list
rpushx;;2.2.0;;list;;O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.;;Append an element to a list, only if the list exists
sadd;;1.0.0;;set;;O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.;;Add one or more members to a set
save;;1.0.0;;server;;O(N) where N is the total number of keys in all databases;;Synchronously save the dataset to disk
scan;;2.8.0;;generic;;O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.;;Incrementally iterate the keys space
scard;;1.0.0;;set;;O(1);;Get the number of members in a set
script;;2.6.0;;scripting;;Depends on subcommand.;;A container for Lua scripts management commands
script|debug;;3.2.0;;scripting;;O(1);;Set the debug mode for executed scripts.
script|exists;;2.6.0;;scripting;;O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).;;Check existence of scripts in the script cache.
script|flush;;2.6.0;;scripting;;O(N) with N being the number of scripts in cache;;Remove all the scripts from the script cache.
script|help;;5.0.0;;scripting;;O(1);;Show helpful text about the different subcommands
script|kill;;2.6.0;;scripting;;O(1);;Kill the script currently in execution.
script|load;;2.6.0;;scripting;;O(N) with N being the length in bytes of the script body.;;Load the specified Lua script into the script cache.
sdiff;;1.0.0;;set;;O(N) where N is the total number of elements in all given sets.;;Subtract multiple sets
sdiffstore;;1.0.0;;set;;O(N) where N is the total number of elements in all given sets.;;Subtract multiple sets and store the resulting set in a key
select;;1.0.0;;connection;;O(1);;Change the selected database for the current connection
set;;1.0.0;;string;;O(1);;Set the string value of a key
setbit;;2.2.0;;bitmap;;O(1);;Sets or clears the bit at offset in the string value stored at key
setex;;2.0.0;;string;;O(1);;Set the value and expiration of a key
setnx;;1.0.0;;string;;O(1);;Set the value of a key, only if the key does not exist
setrange;;2.2.0;;string;;O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.;;Overwrite part of a string at key starting at the specified offset
shutdown;;1.0.0;;server;;O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1);;Synchronously save the dataset to disk and then shut down the server
sinter;;1.0.0;;set;;O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.;;Intersect multiple sets
sintercard;;7.0.0;;set;;O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.;;Intersect multiple sets and return the cardinality of the result
sinterstore;;1.0.0;;set;;O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.;;Intersect multiple sets and store the resulting set in a key
sismember;;1.0.0;;set;;O(1);;Determine if a given value is a member of a set
slaveof;;1.0.0;;server;;O(1);;Make the server a replica of another instance, or promote it as master.
slowlog;;2.2.12;;server;;Depends on subcommand.;;A container for slow log commands
slowlog|get;;2.2.12;;server;;O(N) where N is the number of entries returned;;Get the slow log's entries
slowlog|help;;6.2.0;;server;;O(1);;Show helpful text about the different subcommands
slowlog|len;;2.2.12;;server;;O(1);;Get the slow log's length
slowlog|reset;;2.2.12;;server;;O(N) where N is the number of entries in the slowlog;;Clear all entries from the slow log
smembers;;1.0.0;;set;;O(N) where N is the set cardinality.;;Get all the members in a set
smismember;;6.2.0;;set;;O(N) where N is the number of elements being checked for membership;;Returns the membership associated with the given elements for a set
smove;;1.0.0;;set;;O(1);;Move a member from one set to another
sort;;1.0.0;;generic;;O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).;;Sort the elements in a list, set or sorted set
sort_ro;;7.0.0;;generic;;O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).;;Sort the elements in a list, set or sorted set. Read-only variant of SORT.
spop;;1.0.0;;set;;Without the count argument O(1), otherwise O(N) where N is the value of the passed count.;;Remove and return one or multiple random members from a set
spublish;;7.0.0;;pubsub;;O(N) where N is the number of clients subscribed to the receiving shard channel.;;Post a message to a shard channel
srandmember;;1.0.0;;set;;Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.;;Get one or multiple random members from a set
srem;;1.0.0;;set;;O(N) where N is the number of members to be removed.;;Remove one or more members from a set
sscan;;2.8.0;;set;;O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..;;Incrementally iterate Set elements
ssubscribe;;7.0.0;;pubsub;;O(N) where N is the number of shard channels to subscribe to.;;Listen for messages published to the given shard channels
strlen;;2.2.0;;string;;O(1);;Get the length of the value stored in a key
subscribe;;2.0.0;;pubsub;;O(N) where N is the number of channels to subscribe to.;;Listen for messages published to the given channels
substr;;1.0.0;;string;;O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.;;Get a substring of the string stored at a key
sunion;;1.0.0;;set;;O(N) where N is the total number of elements in all given sets.;;Add multiple sets
sunionstore;;1.0.0;;set;;O(N) where N is the total number of elements in all given sets.;;Add multiple sets and store the resulting set in a key
sunsubscribe;;7.0.0;;pubsub;;O(N) where N is the number of clients already subscribed to a shard channel.;;Stop listening for messages posted to the given shard channels
swapdb;;4.0.0;;server;;O(N) where N is the count of clients watching or blocking on keys from both databases.;;Swaps two Redis databases
sync;;1.0.0;;server;;;;Internal command used for replication
time;;2.6.0;;server;;O(1);;Return the current server time
touch;;3.2.1;;generic;;O(N) where N is the number of keys that will be touched.;;Alters the last access time of a key(s). Returns the number of existing keys specified.
ttl;;1.0.0;;generic;;O(1);;Get the time to live for a key in seconds
type;;1.0.0;;generic;;O(1);;Determine the type stored at key
unlink;;4.0.0;;generic;;O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.;;Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.
unsubscribe;;2.0.0;;pubsub;;O(N) where N is the number of clients already subscribed to a channel.;;Stop listening for messages posted to the given channels
unwatch;;2.2.0;;transactions;;O(1);;Forget about all watched keys
wait;;3.0.0;;generic;;O(1);;Wait for the synchronous replication of all the write commands sent in the context of the current connection
watch;;2.2.0;;transactions;;O(1) for every key.;;Watch the given keys to determine execution of the MULTI/EXEC block
xack;;5.0.0;;stream;;O(1) for each message ID processed.;;Marks a pending message as correctly processed, effectively removing it from the pending entries list of the consumer group. Return value of the command is the number of messages successfully acknowledged, that is, the IDs we were actually able to resolve in the PEL.
xadd;;5.0.0;;stream;;O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.;;Appends a new entry to a stream
xautoclaim;;6.2.0;;stream;;O(1) if COUNT is small.;;Changes (or acquires) ownership of messages in a consumer group, as if the messages were delivered to the specified consumer.
xclaim;;5.0.0;;stream;;O(log N) with N being the number of messages in the PEL of the consumer group.;;Changes (or acquires) ownership of a message in a consumer group, as if the message was delivered to the specified consumer.
xdel;;5.0.0;;stream;;O(1) for each single item to delete in the stream, regardless of the stream size.;;Removes the specified entries from the stream. Returns the number of items actually deleted, that may be different from the number of IDs passed in case certain IDs do not exist.
xgroup;;5.0.0;;stream;;Depends on subcommand.;;A container for consumer groups commands
xgroup|create;;5.0.0;;stream;;O(1);;Create a consumer group.
xgroup|createconsumer;;6.2.0;;stream;;O(1);;Create a consumer in a consumer group.
xgroup|delconsumer;;5.0.0;;stream;;O(1);;Delete a consumer from a consumer group.
xgroup|destroy;;5.0.0;;stream;;O(N) where N is the number of entries in the group's pending entries list (PEL).;;Destroy a consumer group.
xgroup|help;;5.0.0;;stream;;O(1);;Show helpful text about the different subcommands
xgroup|setid;;5.0.0;;stream;;O(1);;Set a consumer group to an arbitrary last delivered ID value.
xinfo;;5.0.0;;stream;;Depends on subcommand.;;A container for stream introspection commands
xinfo|consumers;;5.0.0;;stream;;O(1);;List the consumers in a consumer group
xinfo|groups;;5.0.0;;stream;;O(1);;List the consumer groups of a stream
xinfo|help;;5.0.0;;stream;;O(1);;Show helpful text about the different subcommands
xinfo|stream;;5.0.0;;stream;;O(1);;Get information about a stream
xlen;;5.0.0;;stream;;O(1);;Return the number of entries in a stream
xpending;;5.0.0;;stream;;O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.;;Return information and entries from a stream consumer group pending entries list, that are messages fetched but never acknowledged.
xrange;;5.0.0;;stream;;O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).;;Return a range of elements in a stream, with IDs matching the specified IDs interval
xread;;5.0.0;;stream;;For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.;;Return never seen elements in multiple streams, with IDs greater than the ones reported by the caller for each stream. Can block.
xreadgroup;;5.0.0;;stream;;For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.;;Return new entries from a stream using a consumer group, or access the history of the pending entries for a given consumer. Can block.
xrevrange;;5.0.0;;stream;;O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).;;Return a range of elements in a stream, with IDs matching the specified IDs interval, in reverse order (from greater to smaller IDs) compared to XRANGE
xsetid;;5.0.0;;stream;;O(1);;An internal command for replicating stream values
xtrim;;5.0.0;;stream;;O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.;;Trims the stream to (approximately if '~' is passed) a certain size
zadd;;1.2.0;;sorted-set;;O(log(N)) for each item added, where N is the number of elements in the sorted set.;;Add one or more members to a sorted set, or update its score if it already exists
zcard;;1.2.0;;sorted-set;;O(1);;Get the number of members in a sorted set
zcount;;2.0.0;;sorted-set;;O(log(N)) with N being the number of elements in the sorted set.;;Count the members in a sorted set with scores within the given values
zdiff;;6.2.0;;sorted-set;;O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.;;Subtract multiple sorted sets
zdiffstore;;6.2.0;;sorted-set;;O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.;;Subtract multiple sorted sets and store the resulting sorted set in a new key
zincrby;;1.2.0;;sorted-set;;O(log(N)) where N is the number of elements in the sorted set.;;Increment the score of a member in a sorted set
zinter;;6.2.0;;sorted-set;;O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.;;Intersect multiple sorted sets
zintercard;;7.0.0;;sorted-set;;O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.;;Intersect multiple sorted sets and return the cardinality of the result
zinterstore;;2.0.0;;sorted-set;;O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.;;Intersect multiple sorted sets and store the resulting sorted set in a new key
zlexcount;;2.8.9;;sorted-set;;O(log(N)) with N being the number of elements in the sorted set.;;Count the number of members in a sorted set between a given lexicographical range
zmpop;;7.0.0;;sorted-set;;O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.;;Remove and return members with scores in a sorted set
zmscore;;6.2.0;;sorted-set;;O(N) where N is the number of members being requested.;;Get the score associated with the given members in a sorted set
zpopmax;;5.0.0;;sorted-set;;O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.;;Remove and return members with the highest scores in a sorted set
zpopmin;;5.0.0;;sorted-set;;O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.;;Remove and return members with the lowest scores in a sorted set
zrandmember;;6.2.0;;sorted-set;;O(N) where N is the number of elements returned;;Get one or multiple random elements from a sorted set
zrange;;1.2.0;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.;;Return a range of members in a sorted set
zrangebylex;;2.8.9;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).;;Return a range of members in a sorted set, by lexicographical range
zrangebyscore;;1.0.5;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).;;Return a range of members in a sorted set, by score
zrangestore;;6.2.0;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.;;Store a range of members from sorted set into another key
zrank;;2.0.0;;sorted-set;;O(log(N));;Determine the index of a member in a sorted set
zrem;;1.2.0;;sorted-set;;O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.;;Remove one or more members from a sorted set
zremrangebylex;;2.8.9;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.;;Remove all members in a sorted set between the given lexicographical range
zremrangebyrank;;2.0.0;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.;;Remove all members in a sorted set within the given indexes
zremrangebyscore;;1.2.0;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.;;Remove all members in a sorted set within the given scores
zrevrange;;1.2.0;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.;;Return a range of members in a sorted set, by index, with scores ordered from high to low
zrevrangebylex;;2.8.9;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).;;Return a range of members in a sorted set, by lexicographical range, ordered from higher to lower strings.
zrevrangebyscore;;2.2.0;;sorted-set;;O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).;;Return a range of members in a sorted set, by score, with scores ordered from high to low
zrevrank;;2.0.0;;sorted-set;;O(log(N));;Determine the index of a member in a sorted set, with scores ordered from high to low
zscan;;2.8.0;;sorted-set;;O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..;;Incrementally iterate sorted sets elements and associated scores
zscore;;1.2.0;;sorted-set;;O(1);;Get the score associated with the given member in a sorted set
zunion;;6.2.0;;sorted-set;;O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.;;Add multiple sorted sets
zunionstore;;2.0.0;;sorted-set;;O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.;;Add multiple sorted sets and store the resulting sorted set in a new key
`;
