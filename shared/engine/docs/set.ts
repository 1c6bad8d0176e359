/** COMMAND DOCS of the group `set`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const SET_DOCS = `
sadd 1.0.0
  summary Add one or more members to a set
  complexity O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
  history 2.4.0 Accepts multiple \`member\` arguments.
  arguments key:key@0 member:string*
scard 1.0.0
  summary Get the number of members in a set
  complexity O(1)
  arguments key:key@0
sdiff 1.0.0
  summary Subtract multiple sets
  complexity O(N) where N is the total number of elements in all given sets.
  arguments key:key@0*
sdiffstore 1.0.0
  summary Subtract multiple sets and store the resulting set in a key
  complexity O(N) where N is the total number of elements in all given sets.
  arguments destination:key@0 key:key@1*
sinter 1.0.0
  summary Intersect multiple sets
  complexity O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
  arguments key:key@0*
sintercard 7.0.0
  summary Intersect multiple sets and return the cardinality of the result
  complexity O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
  arguments numkeys:integer key:key@0* limit:integer?=LIMIT
sinterstore 1.0.0
  summary Intersect multiple sets and store the resulting set in a key
  complexity O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
  arguments destination:key@0 key:key@1*
sismember 1.0.0
  summary Determine if a given value is a member of a set
  complexity O(1)
  arguments key:key@0 member:string
smembers 1.0.0
  summary Get all the members in a set
  complexity O(N) where N is the set cardinality.
  arguments key:key@0
smismember 6.2.0
  summary Returns the membership associated with the given elements for a set
  complexity O(N) where N is the number of elements being checked for membership
  arguments key:key@0 member:string*
smove 1.0.0
  summary Move a member from one set to another
  complexity O(1)
  arguments source:key@0 destination:key@1 member:string
spop 1.0.0
  summary Remove and return one or multiple random members from a set
  complexity Without the count argument O(1), otherwise O(N) where N is the value of the passed count.
  history 3.2.0 Added the \`count\` argument.
  arguments key:key@0 count:integer?^3.2.0
srandmember 1.0.0
  summary Get one or multiple random members from a set
  complexity Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.
  history 2.6.0 Added the optional \`count\` argument.
  arguments key:key@0 count:integer?^2.6.0
srem 1.0.0
  summary Remove one or more members from a set
  complexity O(N) where N is the number of members to be removed.
  history 2.4.0 Accepts multiple \`member\` arguments.
  arguments key:key@0 member:string*
sscan 2.8.0
  summary Incrementally iterate Set elements
  complexity O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..
  arguments key:key@0 cursor:integer pattern:pattern?=MATCH count:integer?=COUNT
sunion 1.0.0
  summary Add multiple sets
  complexity O(N) where N is the total number of elements in all given sets.
  arguments key:key@0*
sunionstore 1.0.0
  summary Add multiple sets and store the resulting set in a key
  complexity O(N) where N is the total number of elements in all given sets.
  arguments destination:key@0 key:key@1*
`;
