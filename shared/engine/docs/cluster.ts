/** COMMAND DOCS of the group `cluster`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const CLUSTER_DOCS = `
asking 3.0.0
  summary Sent by cluster clients after an -ASK redirect
  complexity O(1)
cluster 3.0.0
  summary A container for cluster commands
  complexity Depends on subcommand.
cluster|addslots 3.0.0
  summary Assign new hash slots to receiving node
  complexity O(N) where N is the total number of hash slot arguments
  arguments slot:integer*
cluster|addslotsrange 7.0.0
  summary Assign new hash slots to receiving node
  complexity O(N) where N is the total number of the slots between the start slot and end slot arguments.
  arguments start-slot_end-slot:block* ( start-slot:integer end-slot:integer )
cluster|bumpepoch 3.0.0
  summary Advance the cluster config epoch
  complexity O(1)
cluster|count-failure-reports 3.0.0
  summary Return the number of failure reports active for a given node
  complexity O(N) where N is the number of failure reports
  arguments node-id:string
cluster|countkeysinslot 3.0.0
  summary Return the number of local keys in the specified hash slot
  complexity O(1)
  arguments slot:integer
cluster|delslots 3.0.0
  summary Set hash slots as unbound in receiving node
  complexity O(N) where N is the total number of hash slot arguments
  arguments slot:integer*
cluster|delslotsrange 7.0.0
  summary Set hash slots as unbound in receiving node
  complexity O(N) where N is the total number of the slots between the start slot and end slot arguments.
  arguments start-slot_end-slot:block* ( start-slot:integer end-slot:integer )
cluster|failover 3.0.0
  summary Forces a replica to perform a manual failover of its master.
  complexity O(1)
  arguments options:oneof? ( force:pure-token=FORCE takeover:pure-token=TAKEOVER )
cluster|flushslots 3.0.0
  summary Delete a node's own slots information
  complexity O(1)
cluster|forget 3.0.0
  summary Remove a node from the nodes table
  complexity O(1)
  arguments node-id:string
cluster|getkeysinslot 3.0.0
  summary Return local key names in the specified hash slot
  complexity O(log(N)) where N is the number of requested keys
  arguments slot:integer count:integer
cluster|help 5.0.0
  summary Show helpful text about the different subcommands
  complexity O(1)
cluster|info 3.0.0
  summary Provides info about Redis Cluster node state
  complexity O(1)
cluster|keyslot 3.0.0
  summary Returns the hash slot of the specified key
  complexity O(N) where N is the number of bytes in the key
  arguments key:string
cluster|links 7.0.0
  summary Returns a list of all TCP links to and from peer nodes in cluster
  complexity O(N) where N is the total number of Cluster nodes
cluster|meet 3.0.0
  summary Force a node cluster to handshake with another node
  complexity O(1)
  history 4.0.0 Added the optional \`cluster_bus_port\` argument.
  arguments ip:string port:integer cluster_bus_port:integer?^4.0.0
cluster|myid 3.0.0
  summary Return the node id
  complexity O(1)
cluster|nodes 3.0.0
  summary Get Cluster config for the node
  complexity O(N) where N is the total number of Cluster nodes
cluster|replicas 5.0.0
  summary List replica nodes of the specified master node
  complexity O(1)
  arguments node-id:string
cluster|replicate 3.0.0
  summary Reconfigure a node as a replica of the specified master node
  complexity O(1)
  arguments node-id:string
cluster|reset 3.0.0
  summary Reset a Redis Cluster node
  complexity O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.
  arguments hard_soft:oneof? ( hard:pure-token=HARD soft:pure-token=SOFT )
cluster|saveconfig 3.0.0
  summary Forces the node to save cluster state on disk
  complexity O(1)
cluster|set-config-epoch 3.0.0
  summary Set the configuration epoch in a new node
  complexity O(1)
  arguments config-epoch:integer
cluster|setslot 3.0.0
  summary Bind a hash slot to a specific node
  complexity O(1)
  arguments slot:integer subcommand:oneof ( node-id:string=IMPORTING node-id:string=MIGRATING node-id:string=NODE stable:pure-token=STABLE )
cluster|shards 7.0.0
  summary Get array of cluster slots to node mappings
  complexity O(N) where N is the total number of cluster nodes
cluster|slaves 3.0.0 deprecated 5.0.0
  summary List replica nodes of the specified master node
  complexity O(1)
  replaced \`CLUSTER REPLICAS\`
  arguments node-id:string
cluster|slots 3.0.0 deprecated 7.0.0
  summary Get array of Cluster slot to node mappings
  complexity O(N) where N is the total number of Cluster nodes
  replaced \`CLUSTER SHARDS\`
  history 4.0.0 Added node IDs.
  history 7.0.0 Added additional networking metadata field.
readonly 3.0.0
  summary Enables read queries for a connection to a cluster replica node
  complexity O(1)
readwrite 3.0.0
  summary Disables read queries for a connection to a cluster replica node
  complexity O(1)
`;
