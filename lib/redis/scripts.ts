// The length of a value is asked for first: Redis would take seconds to send one of 64 MiB, and this process to read it.

/** The length of a key's value in bytes, -1 if it is no string. */
const LENGTH = `
local length = redis.pcall('STRLEN', KEYS[1])
if type(length) == 'table' then
  if not string.find(length.err, 'WRONGTYPE', 1, true) then return length end
  length = -1
end`;

/**
 * Gives the server's time in seconds and microseconds, the length of a key's value in bytes, and the value. The value
 * is empty if it is no string, or longer than the argument says.
 */
export const READ = `${LENGTH}
local time = redis.call('TIME')
if length < 0 or length > tonumber(ARGV[1]) then return { time[1], time[2], length, '' } end
return { time[1], time[2], length, redis.call('GET', KEYS[1]) }`;

/** Gives the time of the server that keeps a key. */
export const TIME = `return redis.call('TIME')`;

/** Sets a key for so many milliseconds; with a third argument, unless it is kept for longer. */
export const WRITE = `
if not ARGV[3] or redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end`;

/** Removes a key; with an argument, only if it still holds that. */
export const REMOVE = `${LENGTH}
if not ARGV[1] or (length == #ARGV[1] and redis.call('GET', KEYS[1]) == ARGV[1]) then
  redis.call('DEL', KEYS[1])
end`;

/** Keeps a key for so many milliseconds from now, if it still holds its owner. Tells whether it does. */
export const RENEW = `${LENGTH}
if length == #ARGV[1] and redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0`;

/**
 * Sets a key for so many milliseconds unless another holds it. It holds for its owner, because ioredis sends a command
 * once more when the connection broke before the answer. A value that is no string, never ends or lasts longer than any
 * lease is replaced, because everybody would wait for it.
 */
export const ACQUIRE = `${LENGTH}
local left = redis.call('PTTL', KEYS[1])
local free = length < 0 or left < 0 or left > tonumber(ARGV[3])
if free or (length == #ARGV[1] and redis.call('GET', KEYS[1]) == ARGV[1]) then
  return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end`;
