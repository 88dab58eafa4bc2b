-- Publishes dead letters again. KEYS: stream, dead, held. ARGV: their ids. Returns how many there were.
local count = 0
for _, id in ipairs(ARGV) do
    local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
    if entry then
        local office
        for place = 1, #entry[2], 2 do
            if entry[2][place] == 'o' and entry[2][place + 1] ~= '' then office = entry[2][place + 1] end
        end
        if office then
            redis.call('XADD', KEYS[1], '*', 'e', entry[2][2], 'o', office)
            redis.call('HINCRBY', KEYS[3], office, 1)
        else
            redis.call('XADD', KEYS[1], '*', 'e', entry[2][2])
        end
        redis.call('XDEL', KEYS[2], id)
        count = count + 1
    end
end
return count
