/** COMMAND DOCS of the group `server`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const SERVER_DOCS = `
acl 6.0.0
  summary A container for Access List Control commands 
  complexity Depends on subcommand.
acl|cat 6.0.0
  summary List the ACL categories or the commands inside a category
  complexity O(1) since the categories and commands are a fixed set.
  arguments categoryname:string?
acl|deluser 6.0.0
  summary Remove the specified ACL users and the associated rules
  complexity O(1) amortized time considering the typical user.
  arguments username:string*
acl|dryrun 7.0.0
  summary Returns whether the user can execute the given command without executing the command.
  complexity O(1).
  arguments username:string command:string arg:string?*
acl|genpass 6.0.0
  summary Generate a pseudorandom secure password to use for ACL users
  complexity O(1)
  arguments bits:integer?
acl|getuser 6.0.0
  summary Get the rules for a specific ACL user
  complexity O(N). Where N is the number of password, command and pattern rules that the user has.
  history 6.2.0 Added Pub/Sub channel patterns.
  history 7.0.0 Added selectors and changed the format of key and channel patterns from a list to their rule representation.
  arguments username:string
acl|help 6.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
acl|list 6.0.0
  summary List the current ACL rules in ACL config file format
  complexity O(N). Where N is the number of configured users.
acl|load 6.0.0
  summary Reload the ACLs from the configured ACL file
  complexity O(N). Where N is the number of configured users.
acl|log 6.0.0
  summary List latest events denied because of ACLs in place
  complexity O(N) with N being the number of entries shown.
  arguments operation:oneof? ( count:integer reset:pure-token=RESET )
acl|save 6.0.0
  summary Save the current ACL rules in the configured ACL file
  complexity O(N). Where N is the number of configured users.
acl|setuser 6.0.0
  summary Modify or create the rules for a specific ACL user
  complexity O(N). Where N is the number of rules provided.
  history 6.2.0 Added Pub/Sub channel patterns.
  history 7.0.0 Added selectors and key based permissions.
  arguments username:string rule:string?*
acl|users 6.0.0
  summary List the username of all the configured ACL rules
  complexity O(N). Where N is the number of configured users.
acl|whoami 6.0.0
  summary Return the name of the user associated to the current connection
  complexity O(1)
bgrewriteaof 1.0.0
  summary Asynchronously rewrite the append-only file
  complexity O(1)
bgsave 1.0.0
  summary Asynchronously save the dataset to disk
  complexity O(1)
  history 3.2.2 Added the \`SCHEDULE\` option.
  arguments schedule:pure-token?^3.2.2=SCHEDULE
command 2.8.13
  summary Get array of Redis command details
  complexity O(N) where N is the total number of Redis commands
command|count 2.8.13
  summary Get total number of Redis commands
  complexity O(1)
command|docs 7.0.0
  summary Get array of specific Redis command documentation
  complexity O(N) where N is the number of commands to look up
  arguments command-name:string?*
command|getkeys 2.8.13
  summary Extract keys given a full Redis command
  complexity O(N) where N is the number of arguments to the command
command|getkeysandflags 7.0.0
  summary Extract keys and access flags given a full Redis command
  complexity O(N) where N is the number of arguments to the command
command|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
command|info 2.8.13
  summary Get array of specific Redis command details, or all when no argument is given.
  complexity O(N) where N is the number of commands to look up
  history 7.0.0 Allowed to be called with no argument to get info on all commands.
  arguments command-name:string?*
command|list 7.0.0
  summary Get an array of Redis command names
  complexity O(N) where N is the total number of Redis commands
  arguments filterby:oneof?=FILTERBY ( module-name:string=MODULE category:string=ACLCAT pattern:pattern=PATTERN )
config 2.0.0
  summary A container for server configuration commands
  complexity Depends on subcommand.
config|get 2.0.0
  summary Get the values of configuration parameters
  complexity O(N) when N is the number of configuration parameters provided
  history 7.0.0 Added the ability to pass multiple pattern parameters in one call
  arguments parameter:block* ( parameter:string )
config|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
config|resetstat 2.0.0
  summary Reset the stats returned by INFO
  complexity O(1)
config|rewrite 2.8.0
  summary Rewrite the configuration file with the in memory configuration
  complexity O(1)
config|set 2.0.0
  summary Set configuration parameters to the given values
  complexity O(N) when N is the number of configuration parameters provided
  history 7.0.0 Added the ability to set multiple parameters in one call.
  arguments parameter_value:block* ( parameter:string value:string )
dbsize 1.0.0
  summary Return the number of keys in the selected database
  complexity O(1)
debug 1.0.0 syscmd
  summary A container for debugging commands
  complexity Depends on subcommand.
failover 6.2.0
  summary Start a coordinated failover between this server and one of its replicas.
  complexity O(1)
  arguments target:block?=TO ( host:string port:integer force:pure-token?=FORCE ) abort:pure-token?=ABORT milliseconds:integer?=TIMEOUT
flushall 1.0.0
  summary Remove all keys from all databases
  complexity O(N) where N is the total number of keys in all databases
  history 4.0.0 Added the \`ASYNC\` flushing mode modifier.
  history 6.2.0 Added the \`SYNC\` flushing mode modifier.
  arguments async:oneof? ( async:pure-token^4.0.0=ASYNC sync:pure-token^6.2.0=SYNC )
flushdb 1.0.0
  summary Remove all keys from the current database
  complexity O(N) where N is the number of keys in the selected database
  history 4.0.0 Added the \`ASYNC\` flushing mode modifier.
  history 6.2.0 Added the \`SYNC\` flushing mode modifier.
  arguments async:oneof? ( async:pure-token^4.0.0=ASYNC sync:pure-token^6.2.0=SYNC )
info 1.0.0
  summary Get information and statistics about the server
  complexity O(1)
  history 7.0.0 Added support for taking multiple section arguments.
  arguments section:string?*
lastsave 1.0.0
  summary Get the UNIX time stamp of the last successful save to disk
  complexity O(1)
latency 2.8.13
  summary A container for latency diagnostics commands
  complexity Depends on subcommand.
latency|doctor 2.8.13
  summary Return a human readable latency analysis report.
  complexity O(1)
latency|graph 2.8.13
  summary Return a latency graph for the event.
  complexity O(1)
  arguments event:string
latency|help 2.8.13
  summary Show helpful text about the different subcommands.
  complexity O(1)
latency|histogram 7.0.0
  summary Return the cumulative distribution of latencies of a subset of commands or all.
  complexity O(N) where N is the number of commands with latency information being retrieved.
  arguments command:string?*
latency|history 2.8.13
  summary Return timestamp-latency samples for the event.
  complexity O(1)
  arguments event:string
latency|latest 2.8.13
  summary Return the latest latency samples for all events.
  complexity O(1)
latency|reset 2.8.13
  summary Reset latency data for one or more events.
  complexity O(1)
  arguments event:string?*
lolwut 5.0.0
  summary Display some computer art and the Redis version
  arguments version:integer?=VERSION
memory 4.0.0
  summary A container for memory diagnostics commands
  complexity Depends on subcommand.
memory|doctor 4.0.0
  summary Outputs memory problems report
  complexity O(1)
memory|help 4.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
memory|malloc-stats 4.0.0
  summary Show allocator internal stats
  complexity Depends on how much memory is allocated, could be slow
memory|purge 4.0.0
  summary Ask the allocator to release memory
  complexity Depends on how much memory is allocated, could be slow
memory|stats 4.0.0
  summary Show memory usage details
  complexity O(1)
memory|usage 4.0.0
  summary Estimate the memory usage of a key
  complexity O(N) where N is the number of samples.
  arguments key:key@0 count:integer?=SAMPLES
module 4.0.0
  summary A container for module commands
  complexity Depends on subcommand.
module|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
module|list 4.0.0
  summary List all modules loaded by the server
  complexity O(N) where N is the number of loaded modules.
module|load 4.0.0
  summary Load a module
  complexity O(1)
  arguments path:string arg:string?*
module|loadex 7.0.0
  summary Load a module with extended parameters
  complexity O(1)
  arguments path:string configs:block?*+=CONFIG ( name:string value:string ) args:block?*=ARGS ( arg:string )
module|unload 4.0.0
  summary Unload a module
  complexity O(1)
  arguments name:string
monitor 1.0.0
  summary Listen for all requests received by the server in real time
psync 2.8.0
  summary Internal command used for replication
  arguments replicationid:string offset:integer
replconf 3.0.0 syscmd
  summary An internal command for configuring the replication stream
  complexity O(1)
replicaof 5.0.0
  summary Make the server a replica of another instance, or promote it as master.
  complexity O(1)
  arguments args:oneof ( host-port:block ( host:string port:integer ) no-one:block ( no:pure-token=NO one:pure-token=ONE ) )
restore-asking 3.0.0 syscmd
  summary An internal command for migrating keys in a cluster
  complexity O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).
  history 3.0.0 Added the \`REPLACE\` modifier.
  history 5.0.0 Added the \`ABSTTL\` modifier.
  history 5.0.0 Added the \`IDLETIME\` and \`FREQ\` options.
  arguments key:key@0 ttl:integer serialized-value:string replace:pure-token?^3.0.0=REPLACE absttl:pure-token?^5.0.0=ABSTTL seconds:integer?^5.0.0=IDLETIME frequency:integer?^5.0.0=FREQ
role 2.8.12
  summary Return the role of the instance in the context of replication
  complexity O(1)
save 1.0.0
  summary Synchronously save the dataset to disk
  complexity O(N) where N is the total number of keys in all databases
shutdown 1.0.0
  summary Synchronously save the dataset to disk and then shut down the server
  complexity O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)
  history 7.0.0 Added the \`NOW\`, \`FORCE\` and \`ABORT\` modifiers.
  arguments nosave_save:oneof? ( nosave:pure-token=NOSAVE save:pure-token=SAVE ) now:pure-token?^7.0.0=NOW force:pure-token?^7.0.0=FORCE abort:pure-token?^7.0.0=ABORT
slaveof 1.0.0 deprecated 5.0.0
  summary Make the server a replica of another instance, or promote it as master.
  complexity O(1)
  replaced \`REPLICAOF\`
  arguments args:oneof ( host-port:block ( host:string port:integer ) no-one:block ( no:pure-token=NO one:pure-token=ONE ) )
slowlog 2.2.12
  summary A container for slow log commands
  complexity Depends on subcommand.
slowlog|get 2.2.12
  summary Get the slow log's entries
  complexity O(N) where N is the number of entries returned
  history 4.0.0 Added client IP address, port and name to the reply.
  arguments count:integer?
slowlog|help 6.2.0
  summary Show helpful text about the different subcommands
  complexity O(1)
slowlog|len 2.2.12
  summary Get the slow log's length
  complexity O(1)
slowlog|reset 2.2.12
  summary Clear all entries from the slow log
  complexity O(N) where N is the number of entries in the slowlog
swapdb 4.0.0
  summary Swaps two Redis databases
  complexity O(N) where N is the count of clients watching or blocking on keys from both databases.
  arguments index1:integer index2:integer
sync 1.0.0
  summary Internal command used for replication
time 2.6.0
  summary Return the current server time
  complexity O(1)
`;
