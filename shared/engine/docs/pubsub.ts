/** COMMAND DOCS of the group `pubsub`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const PUBSUB_DOCS = `
psubscribe 2.0.0
  summary Listen for messages published to channels matching the given patterns
  complexity O(N) where N is the number of patterns the client is already subscribed to.
  arguments pattern:block* ( pattern:pattern )
publish 2.0.0
  summary Post a message to a channel
  complexity O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).
  arguments channel:string message:string
pubsub 2.8.0
  summary A container for Pub/Sub commands
  complexity Depends on subcommand.
pubsub|channels 2.8.0
  summary List active channels
  complexity O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)
  arguments pattern:pattern?
pubsub|help 6.2.0
  summary Show helpful text about the different subcommands
  complexity O(1)
pubsub|numpat 2.8.0
  summary Get the count of unique patterns pattern subscriptions
  complexity O(1)
pubsub|numsub 2.8.0
  summary Get the count of subscribers for channels
  complexity O(N) for the NUMSUB subcommand, where N is the number of requested channels
  arguments channel:string?*
pubsub|shardchannels 7.0.0
  summary List active shard channels
  complexity O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).
  arguments pattern:pattern?
pubsub|shardnumsub 7.0.0
  summary Get the count of subscribers for shard channels
  complexity O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels
  arguments shardchannel:string?*
punsubscribe 2.0.0
  summary Stop listening for messages posted to channels matching the given patterns
  complexity O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).
  arguments pattern:pattern?*
spublish 7.0.0
  summary Post a message to a shard channel
  complexity O(N) where N is the number of clients subscribed to the receiving shard channel.
  arguments shardchannel:string message:string
ssubscribe 7.0.0
  summary Listen for messages published to the given shard channels
  complexity O(N) where N is the number of shard channels to subscribe to.
  arguments shardchannel:string*
subscribe 2.0.0
  summary Listen for messages published to the given channels
  complexity O(N) where N is the number of channels to subscribe to.
  arguments channel:string*
sunsubscribe 7.0.0
  summary Stop listening for messages posted to the given shard channels
  complexity O(N) where N is the number of clients already subscribed to a shard channel.
  arguments shardchannel:string?*
unsubscribe 2.0.0
  summary Stop listening for messages posted to the given channels
  complexity O(N) where N is the number of clients already subscribed to a channel.
  arguments channel:string?*
`;
