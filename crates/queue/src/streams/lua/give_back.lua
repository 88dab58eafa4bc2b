-- Ends leases without counting anything: the messages are due at once.
-- KEYS: stream, returned. ARGV: group, consumer, ids.
for place = 3, #ARGV do
    local id = ARGV[place]
    if lease_of(KEYS[1], ARGV[1], id) == ARGV[2] then
        redis.call('ZADD', KEYS[2], 'NX', 0, member_of(id))
    end
end
return 0
