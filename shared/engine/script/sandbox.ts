/**
 * The world a script sees: Redis's globals, read-only, and nothing else. Redis patches its Lua so that
 * tables can be frozen; this Lua is the plain one, so a script gets an empty table whose metatable
 * leads to the frozen one, and the functions that go around metatables know of it.
 */

/** Runs once in a new machine; gets the table of our functions, and returns what `Interpreter` keeps. */
export const SANDBOX = `
local host = ...
local setmetatable, getmetatable, pairs, type = setmetatable, getmetatable, pairs, type
local getinfo = debug.getinfo

local function on_error(err)
  local at = getinfo(2, 'nSl')
  if at and at.what == 'C' then at = getinfo(3, 'nSl') end
  if type(err) ~= 'table' then err = {err = 'ERR ' .. tostring(err)} end
  if at then
    err.source = at.source
    err.line = at.currentline
  end
  return err
end

local frozen = setmetatable({}, {__mode = 'k'})
local shown = {}
local function freeze(real)
  local proxy = {}
  frozen[proxy] = real
  return setmetatable(proxy, {__index = real, __newindex = host.refuse_change, __metatable = shown})
end
shown = freeze({})

local G = {}
for name in string.gmatch([[_VERSION assert collectgarbage coroutine error gcinfo ipairs load loadstring
    math rawequal select string table tonumber tostring type unpack xpcall]], '%S+') do
  G[name] = _G[name]
end
for name in string.gmatch('getmetatable next pairs pcall rawget rawset setmetatable', '%S+') do
  G[name] = host[name]
end
math.random, math.randomseed = host.random, host.randomseed
math.mod, string.gfind = math.fmod, string.gmatch
G.redis = host.redis
for name, library in pairs(host.libraries) do G[name] = library end
for name, value in pairs(G) do
  if type(value) == 'table' then G[name] = freeze(value) end
end
local string_meta = getmetatable('')
string_meta.__index = G.string
G.__redis__err__handler = on_error
setmetatable(G, {__index = host.refuse_missing})
local global = freeze(G)
G._G = global
return on_error, frozen, host.redis, global, G, freeze(string_meta)
`;
