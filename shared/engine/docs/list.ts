/** COMMAND DOCS of the group `list`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const LIST_DOCS = `
blmove 6.2.0
  summary Pop an element from a list, push it to another list and return it; or block until one is available
  complexity O(1)
  arguments source:key@0 destination:key@1 wherefrom:oneof ( left:pure-token=LEFT right:pure-token=RIGHT ) whereto:oneof ( left:pure-token=LEFT right:pure-token=RIGHT ) timeout:double
blmpop 7.0.0
  summary Pop elements from a list, or block until one is available
  complexity O(N+M) where N is the number of provided keys and M is the number of elements returned.
  arguments timeout:double numkeys:integer key:key@0* where:oneof ( left:pure-token=LEFT right:pure-token=RIGHT ) count:integer?=COUNT
blpop 2.0.0
  summary Remove and get the first element in a list, or block until one is available
  complexity O(N) where N is the number of provided keys.
  history 6.0.0 \`timeout\` is interpreted as a double instead of an integer.
  arguments key:key@0* timeout:double
brpop 2.0.0
  summary Remove and get the last element in a list, or block until one is available
  complexity O(N) where N is the number of provided keys.
  history 6.0.0 \`timeout\` is interpreted as a double instead of an integer.
  arguments key:key@0* timeout:double
brpoplpush 2.2.0 deprecated 6.2.0
  summary Pop an element from a list, push it to another list and return it; or block until one is available
  complexity O(1)
  replaced \`BLMOVE\` with the \`RIGHT\` and \`LEFT\` arguments
  history 6.0.0 \`timeout\` is interpreted as a double instead of an integer.
  arguments source:key@0 destination:key@1 timeout:double
lindex 1.0.0
  summary Get an element from a list by its index
  complexity O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).
  arguments key:key@0 index:integer
linsert 2.2.0
  summary Insert an element before or after another element in a list
  complexity O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).
  arguments key:key@0 where:oneof ( before:pure-token=BEFORE after:pure-token=AFTER ) pivot:string element:string
llen 1.0.0
  summary Get the length of a list
  complexity O(1)
  arguments key:key@0
lmove 6.2.0
  summary Pop an element from a list, push it to another list and return it
  complexity O(1)
  arguments source:key@0 destination:key@1 wherefrom:oneof ( left:pure-token=LEFT right:pure-token=RIGHT ) whereto:oneof ( left:pure-token=LEFT right:pure-token=RIGHT )
lmpop 7.0.0
  summary Pop elements from a list
  complexity O(N+M) where N is the number of provided keys and M is the number of elements returned.
  arguments numkeys:integer key:key@0* where:oneof ( left:pure-token=LEFT right:pure-token=RIGHT ) count:integer?=COUNT
lpop 1.0.0
  summary Remove and get the first elements in a list
  complexity O(N) where N is the number of elements returned
  history 6.2.0 Added the \`count\` argument.
  arguments key:key@0 count:integer?^6.2.0
lpos 6.0.6
  summary Return the index of matching elements on a list
  complexity O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.
  arguments key:key@0 element:string rank:integer?=RANK num-matches:integer?=COUNT len:integer?=MAXLEN
lpush 1.0.0
  summary Prepend one or multiple elements to a list
  complexity O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
  history 2.4.0 Accepts multiple \`element\` arguments.
  arguments key:key@0 element:string*
lpushx 2.2.0
  summary Prepend an element to a list, only if the list exists
  complexity O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
  history 4.0.0 Accepts multiple \`element\` arguments.
  arguments key:key@0 element:string*
lrange 1.0.0
  summary Get a range of elements from a list
  complexity O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.
  arguments key:key@0 start:integer stop:integer
lrem 1.0.0
  summary Remove elements from a list
  complexity O(N+M) where N is the length of the list and M is the number of elements removed.
  arguments key:key@0 count:integer element:string
lset 1.0.0
  summary Set the value of an element in a list by its index
  complexity O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).
  arguments key:key@0 index:integer element:string
ltrim 1.0.0
  summary Trim a list to the specified range
  complexity O(N) where N is the number of elements to be removed by the operation.
  arguments key:key@0 start:integer stop:integer
rpop 1.0.0
  summary Remove and get the last elements in a list
  complexity O(N) where N is the number of elements returned
  history 6.2.0 Added the \`count\` argument.
  arguments key:key@0 count:integer?^6.2.0
rpoplpush 1.2.0 deprecated 6.2.0
  summary Remove the last element in a list, prepend it to another list and return it
  complexity O(1)
  replaced \`LMOVE\` with the \`RIGHT\` and \`LEFT\` arguments
  arguments source:key@0 destination:key@1
rpush 1.0.0
  summary Append one or multiple elements to a list
  complexity O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
  history 2.4.0 Accepts multiple \`element\` arguments.
  arguments key:key@0 element:string*
rpushx 2.2.0
  summary Append an element to a list, only if the list exists
  complexity O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
  history 4.0.0 Accepts multiple \`element\` arguments.
  arguments key:key@0 element:string*
`;
