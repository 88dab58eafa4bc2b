-- Gives a sign of life. KEYS: the consumers, their incarnations. ARGV: the name; the incarnation, or nothing to begin a new
-- one, which ends the former of that name; after how long (ms) a consumer is forgotten.
-- Returns the incarnation; nothing when another one has taken the name.
local name, incarnation, now = ARGV[1], ARGV[2], server_ms()
if incarnation == '' then
    local time = redis.call('TIME')
    incarnation = time[1] .. string.rep('0', 6 - #time[2]) .. time[2]
else
    local current = redis.call('HGET', KEYS[2], name)
    if current and current ~= incarnation then return false end
end
redis.call('HSET', KEYS[2], name, incarnation)
redis.call('ZADD', KEYS[1], now, name .. '#' .. incarnation)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[3]))) do
    local old_name, old_incarnation = string.match(old, '^(.*)#(.*)$')
    if redis.call('HGET', KEYS[2], old_name) == old_incarnation then redis.call('HDEL', KEYS[2], old_name) end
    redis.call('ZREM', KEYS[1], old)
end
return incarnation
