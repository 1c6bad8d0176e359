/** COMMAND DOCS of the group `string`: Redis 7.0's own (BSD license), in the form `parse.ts` reads. */
export const STRING_DOCS = `
append 2.0.0
  summary Append a value to a key
  complexity O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.
  arguments key:key@0 value:string
decr 1.0.0
  summary Decrement the integer value of a key by one
  complexity O(1)
  arguments key:key@0
decrby 1.0.0
  summary Decrement the integer value of a key by the given number
  complexity O(1)
  arguments key:key@0 decrement:integer
get 1.0.0
  summary Get the value of a key
  complexity O(1)
  arguments key:key@0
getdel 6.2.0
  summary Get the value of a key and delete the key
  complexity O(1)
  arguments key:key@0
getex 6.2.0
  summary Get the value of a key and optionally set its expiration
  complexity O(1)
  arguments key:key@0 expiration:oneof? ( seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT persist:pure-token=PERSIST )
getrange 2.4.0
  summary Get a substring of the string stored at a key
  complexity O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
  arguments key:key@0 start:integer end:integer
getset 1.0.0 deprecated 6.2.0
  summary Set the string value of a key and return its old value
  complexity O(1)
  replaced \`SET\` with the \`!GET\` argument
  arguments key:key@0 value:string
incr 1.0.0
  summary Increment the integer value of a key by one
  complexity O(1)
  arguments key:key@0
incrby 1.0.0
  summary Increment the integer value of a key by the given amount
  complexity O(1)
  arguments key:key@0 increment:integer
incrbyfloat 2.6.0
  summary Increment the float value of a key by the given amount
  complexity O(1)
  arguments key:key@0 increment:double
lcs 7.0.0
  summary Find longest common substring
  complexity O(N*M) where N and M are the lengths of s1 and s2, respectively
  arguments key1:key@0 key2:key@0 len:pure-token?=LEN idx:pure-token?=IDX len:integer?=MINMATCHLEN withmatchlen:pure-token?=WITHMATCHLEN
mget 1.0.0
  summary Get the values of all the given keys
  complexity O(N) where N is the number of keys to retrieve.
  arguments key:key@0*
mset 1.0.1
  summary Set multiple keys to multiple values
  complexity O(N) where N is the number of keys to set.
  arguments key_value:block* ( key:key@0 value:string )
msetnx 1.0.1
  summary Set multiple keys to multiple values, only if none of the keys exist
  complexity O(N) where N is the number of keys to set.
  arguments key_value:block* ( key:key@0 value:string )
psetex 2.6.0
  summary Set the value and expiration in milliseconds of a key
  complexity O(1)
  arguments key:key@0 milliseconds:integer value:string
set 1.0.0
  summary Set the string value of a key
  complexity O(1)
  history 2.6.12 Added the \`EX\`, \`PX\`, \`NX\` and \`XX\` options.
  history 6.0.0 Added the \`KEEPTTL\` option.
  history 6.2.0 Added the \`GET\`, \`EXAT\` and \`PXAT\` option.
  history 7.0.0 Allowed the \`NX\` and \`GET\` options to be used together.
  arguments key:key@0 value:string condition:oneof?^2.6.12 ( nx:pure-token=NX xx:pure-token=XX ) get:pure-token?^6.2.0=GET expiration:oneof? ( seconds:integer^2.6.12=EX milliseconds:integer^2.6.12=PX unix-time-seconds:unix-time^6.2.0=EXAT unix-time-milliseconds:unix-time^6.2.0=PXAT keepttl:pure-token^6.0.0=KEEPTTL )
setex 2.0.0
  summary Set the value and expiration of a key
  complexity O(1)
  arguments key:key@0 seconds:integer value:string
setnx 1.0.0
  summary Set the value of a key, only if the key does not exist
  complexity O(1)
  arguments key:key@0 value:string
setrange 2.2.0
  summary Overwrite part of a string at key starting at the specified offset
  complexity O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.
  arguments key:key@0 offset:integer value:string
strlen 2.2.0
  summary Get the length of the value stored in a key
  complexity O(1)
  arguments key:key@0
substr 1.0.0 deprecated 2.0.0
  summary Get a substring of the string stored at a key
  complexity O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
  replaced \`GETRANGE\`
  arguments key:key@0 start:integer end:integer
`;
