/** COMMAND DOCS of the group `connection`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const CONNECTION_DOCS = `
auth 1.0.0
  summary Authenticate to the server
  complexity O(N) where N is the number of passwords defined for the user
  history 6.0.0 Added ACL style (username and password).
  arguments username:string?^6.0.0 password:string
client 2.4.0
  summary A container for client connection commands
  complexity Depends on subcommand.
client|caching 6.0.0
  summary Instruct the server about tracking or not keys in the next request
  complexity O(1)
  arguments mode:oneof ( yes:pure-token=YES no:pure-token=NO )
client|getname 2.6.9
  summary Get the current connection name
  complexity O(1)
client|getredir 6.0.0
  summary Get tracking notifications redirection client ID if any
  complexity O(1)
client|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
client|id 5.0.0
  summary Returns the client ID for the current connection
  complexity O(1)
client|info 6.2.0
  summary Returns information about the current client connection.
  complexity O(1)
client|kill 2.4.0
  summary Kill the connection of a client
  complexity O(N) where N is the number of client connections
  history 2.8.12 Added new filter format.
  history 2.8.12 \`ID\` option.
  history 3.2.0 Added \`master\` type in for \`TYPE\` option.
  history 5.0.0 Replaced \`slave\` \`TYPE\` with \`replica\`. \`slave\` still supported for backward compatibility.
  history 6.2.0 \`LADDR\` option.
  arguments filter:oneof ( ip:port:string!2.8.12 new-format:oneof* ( client-id:integer?^2.8.12=ID normal_master_slave_pubsub:oneof?^2.8.12=TYPE ( normal:pure-token=NORMAL master:pure-token^3.2.0=MASTER slave:pure-token=SLAVE replica:pure-token^5.0.0=REPLICA pubsub:pure-token=PUBSUB ) username:string?=USER ip:port:string?=ADDR ip:port:string?^6.2.0=LADDR yes/no:string?=SKIPME ) )
client|list 2.4.0
  summary Get the list of client connections
  complexity O(N) where N is the number of client connections
  history 2.8.12 Added unique client \`id\` field.
  history 5.0.0 Added optional \`TYPE\` filter.
  history 6.0.0 Added \`user\` field.
  history 6.2.0 Added \`argv-mem\`, \`tot-mem\`, \`laddr\` and \`redir\` fields and the optional \`ID\` filter.
  history 7.0.0 Added \`resp\`, \`multi-mem\`, \`rbs\` and \`rbp\` fields.
  history 7.0.3 Added \`ssub\` field.
  arguments normal_master_replica_pubsub:oneof?^5.0.0=TYPE ( normal:pure-token=NORMAL master:pure-token=MASTER replica:pure-token=REPLICA pubsub:pure-token=PUBSUB ) id:block?^6.2.0=ID ( client-id:integer* )
client|no-evict 7.0.0
  summary Set client eviction mode for the current connection
  complexity O(1)
  arguments enabled:oneof ( on:pure-token=ON off:pure-token=OFF )
client|pause 2.9.50
  summary Stop processing commands from clients for some time
  complexity O(1)
  history 6.2.0 \`CLIENT PAUSE WRITE\` mode added along with the \`mode\` option.
  arguments timeout:integer mode:oneof?^6.2.0 ( write:pure-token=WRITE all:pure-token=ALL )
client|reply 3.2.0
  summary Instruct the server whether to reply to commands
  complexity O(1)
  arguments on_off_skip:oneof ( on:pure-token=ON off:pure-token=OFF skip:pure-token=SKIP )
client|setname 2.6.9
  summary Set the current connection name
  complexity O(1)
  arguments connection-name:string
client|tracking 6.0.0
  summary Enable or disable server assisted client side caching support
  complexity O(1). Some options may introduce additional complexity.
  arguments status:oneof ( on:pure-token=ON off:pure-token=OFF ) client-id:integer?=REDIRECT prefix:string?*+=PREFIX bcast:pure-token?=BCAST optin:pure-token?=OPTIN optout:pure-token?=OPTOUT noloop:pure-token?=NOLOOP
client|trackinginfo 6.2.0
  summary Return information about server assisted client side caching for the current connection
  complexity O(1)
client|unblock 5.0.0
  summary Unblock a client blocked in a blocking command from a different connection
  complexity O(log N) where N is the number of client connections
  arguments client-id:integer timeout_error:oneof? ( timeout:pure-token=TIMEOUT error:pure-token=ERROR )
client|unpause 6.2.0
  summary Resume processing of clients that were paused
  complexity O(N) Where N is the number of paused clients
echo 1.0.0
  summary Echo the given string
  complexity O(1)
  arguments message:string
hello 6.0.0
  summary Handshake with Redis
  complexity O(1)
  history 6.2.0 \`protover\` made optional; when called without arguments the command reports the current connection's context.
  arguments arguments:block? ( protover:integer username_password:block?=AUTH ( username:string password:string ) clientname:string?=SETNAME )
ping 1.0.0
  summary Ping the server
  complexity O(1)
  arguments message:string?
quit 1.0.0
  summary Close the connection
  complexity O(1)
reset 6.2.0
  summary Reset the connection
  complexity O(1)
select 1.0.0
  summary Change the selected database for the current connection
  complexity O(1)
  arguments index:integer
`;
