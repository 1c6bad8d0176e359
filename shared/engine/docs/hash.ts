/** COMMAND DOCS of the group `hash`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const HASH_DOCS = `
hdel 2.0.0
  summary Delete one or more hash fields
  complexity O(N) where N is the number of fields to be removed.
  history 2.4.0 Accepts multiple \`field\` arguments.
  arguments key:key@0 field:string*
hexists 2.0.0
  summary Determine if a hash field exists
  complexity O(1)
  arguments key:key@0 field:string
hget 2.0.0
  summary Get the value of a hash field
  complexity O(1)
  arguments key:key@0 field:string
hgetall 2.0.0
  summary Get all the fields and values in a hash
  complexity O(N) where N is the size of the hash.
  arguments key:key@0
hincrby 2.0.0
  summary Increment the integer value of a hash field by the given number
  complexity O(1)
  arguments key:key@0 field:string increment:integer
hincrbyfloat 2.6.0
  summary Increment the float value of a hash field by the given amount
  complexity O(1)
  arguments key:key@0 field:string increment:double
hkeys 2.0.0
  summary Get all the fields in a hash
  complexity O(N) where N is the size of the hash.
  arguments key:key@0
hlen 2.0.0
  summary Get the number of fields in a hash
  complexity O(1)
  arguments key:key@0
hmget 2.0.0
  summary Get the values of all the given hash fields
  complexity O(N) where N is the number of fields being requested.
  arguments key:key@0 field:string*
hmset 2.0.0 deprecated 4.0.0
  summary Set multiple hash fields to multiple values
  complexity O(N) where N is the number of fields being set.
  replaced \`HSET\` with multiple field-value pairs
  arguments key:key@0 field_value:block* ( field:string value:string )
hrandfield 6.2.0
  summary Get one or multiple random fields from a hash
  complexity O(N) where N is the number of fields returned
  arguments key:key@0 options:block? ( count:integer withvalues:pure-token?=WITHVALUES )
hscan 2.8.0
  summary Incrementally iterate hash fields and associated values
  complexity O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..
  arguments key:key@0 cursor:integer pattern:pattern?=MATCH count:integer?=COUNT
hset 2.0.0
  summary Set the string value of a hash field
  complexity O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.
  history 4.0.0 Accepts multiple \`field\` and \`value\` arguments.
  arguments key:key@0 field_value:block* ( field:string value:string )
hsetnx 2.0.0
  summary Set the value of a hash field, only if the field does not exist
  complexity O(1)
  arguments key:key@0 field:string value:string
hstrlen 3.2.0
  summary Get the length of the value of a hash field
  complexity O(1)
  arguments key:key@0 field:string
hvals 2.0.0
  summary Get all the values in a hash
  complexity O(N) where N is the size of the hash.
  arguments key:key@0
`;
