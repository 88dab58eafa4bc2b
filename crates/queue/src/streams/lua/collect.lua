-- Leases what was returned and is due. A message with which several processes have died comes alone, so that it does not
-- take others along when it is what kills them.
-- KEYS: stream, returned, attempts. ARGV: group, consumer, now, how many at most, after how many deliveries one comes alone.
-- Returns for each its id, its text, and how often it failed; and whether it came alone.
local stream, returned, attempts = KEYS[1], KEYS[2], KEYS[3]
local collected = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', returned, '-inf', ARGV[3], 'LIMIT', 0, ARGV[4])) do
    local id = id_of(member)
    local _, deliveries = lease_of(stream, ARGV[1], id)
    local alone = deliveries and deliveries > tonumber(ARGV[5])
    if alone and #collected > 0 then break end
    redis.call('ZREM', returned, member)
    if redis.call('XCLAIM', stream, ARGV[1], ARGV[2], 0, id, 'JUSTID')[1] then
        local entry = redis.call('XRANGE', stream, id, id)[1]
        if entry then
            table.insert(collected, { id, entry[2][2], redis.call('HGET', attempts, id) or '0' })
            if alone then return { collected, 1 } end
        end
    end
end
return { collected, 0 }
