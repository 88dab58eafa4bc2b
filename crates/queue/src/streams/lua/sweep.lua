-- Takes over what nobody works on any more: from consumers that are dead, and leases older than the longest handling.
-- KEYS: stream, returned, attempts, dead, the consumers of all streams, their incarnations, held, aside.
-- ARGV: group, consumer, after how long (ms) without a sign of life a consumer is dead, the longest handling (ms), from
-- which id on leases are looked through, the most deliveries, now, how many leases at once, whether to tell the own ones.
-- Returns where to look on next, the messages buried, and the ids of own leases that are not returned.
local stream, returned, attempts, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, me, page = ARGV[1], ARGV[2], tonumber(ARGV[8])
local now, buried = server_ms(), 0

local function take(id, deliveries)
    if redis.call('ZSCORE', returned, member_of(id)) then
        redis.call('XCLAIM', stream, group, me, 0, id, 'JUSTID')
    elseif deliveries >= tonumber(ARGV[6]) then
        local why = 'delivered ' .. deliveries .. ' times, and each time no answer came'
        bury(stream, returned, attempts, dead, KEYS[7], KEYS[8], group, id, redis.call('HGET', attempts, id) or '0', why, ARGV[7])
        buried = buried + 1
    elseif redis.call('XCLAIM', stream, group, me, 0, id, 'RETRYCOUNT', deliveries + 1, 'JUSTID')[1] then
        redis.call('ZADD', returned, 0, member_of(id))
    end
end

local function is_alive(consumer)
    local seen = redis.call('ZSCORE', KEYS[5], consumer)
    if not seen or now - tonumber(seen) > tonumber(ARGV[3]) then return false end
    local name, incarnation = string.match(consumer, '^(.*)#(.*)$')
    return redis.call('HGET', KEYS[6], name) == incarnation
end

for _, told in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    local consumer
    for place = 1, #told, 2 do
        if told[place] == 'name' then consumer = told[place + 1] end
    end
    if consumer ~= me and not is_alive(consumer) then
        for _, lease in ipairs(redis.call('XPENDING', stream, group, '-', '+', page, consumer)) do
            take(lease[1], tonumber(lease[4]))
        end
        if #redis.call('XPENDING', stream, group, '-', '+', 1, consumer) == 0 then
            redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer)
        end
    end
end

local old = redis.call('XAUTOCLAIM', stream, group, me, ARGV[4], ARGV[5], 'COUNT', page, 'JUSTID')
for _, id in ipairs(old[2]) do
    local _, deliveries = lease_of(stream, group, id)
    if deliveries then take(id, deliveries) end
end

local own = {}
if ARGV[9] == '1' then
    for _, lease in ipairs(redis.call('XPENDING', stream, group, '-', '+', page, me)) do
        if not redis.call('ZSCORE', returned, member_of(lease[1])) then table.insert(own, lease[1]) end
    end
end
return { old[1], buried, own }
