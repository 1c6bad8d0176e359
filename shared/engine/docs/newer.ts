/** What commands newer than Redis 7.0 take; the rest of their documentation stands in their rows. */
export const NEWER_DOCS = `
client|no-touch 7.2.0
  arguments enabled:oneof ( on:pure-token=ON off:pure-token=OFF )
client|setinfo 7.2.0
  arguments attr:oneof ( libname:string=LIB-NAME libver:string=LIB-VER )
hexpire 7.4.0
  arguments key:key@0 seconds:integer condition:oneof? ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT ) fields:block=FIELDS ( numfields:integer field:string* )
hexpireat 7.4.0
  arguments key:key@0 unix-time-seconds:unix-time condition:oneof? ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT ) fields:block=FIELDS ( numfields:integer field:string* )
hexpiretime 7.4.0
  arguments key:key@0 fields:block=FIELDS ( numfields:integer field:string* )
hgetdel 8.0.0
  arguments key:key@0 fields:block=FIELDS ( numfields:integer field:string* )
hgetex 8.0.0
  arguments key:key@0 expiration:oneof? ( seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT persist:pure-token=PERSIST ) fields:block=FIELDS ( numfields:integer field:string* )
hpersist 7.4.0
  arguments key:key@0 fields:block=FIELDS ( numfields:integer field:string* )
hpexpire 7.4.0
  arguments key:key@0 milliseconds:integer condition:oneof? ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT ) fields:block=FIELDS ( numfields:integer field:string* )
hpexpireat 7.4.0
  arguments key:key@0 unix-time-milliseconds:unix-time condition:oneof? ( nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT ) fields:block=FIELDS ( numfields:integer field:string* )
hpexpiretime 7.4.0
  arguments key:key@0 fields:block=FIELDS ( numfields:integer field:string* )
hpttl 7.4.0
  arguments key:key@0 fields:block=FIELDS ( numfields:integer field:string* )
hsetex 8.0.0
  arguments key:key@0 condition:oneof? ( fnx:pure-token=FNX fxx:pure-token=FXX ) expiration:oneof? ( seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT keepttl:pure-token=KEEPTTL ) fields:block=FIELDS ( numfields:integer data:block* ( field:string value:string ) )
httl 7.4.0
  arguments key:key@0 fields:block=FIELDS ( numfields:integer field:string* )
script|show 8.4.0
  arguments sha1:string
`;
