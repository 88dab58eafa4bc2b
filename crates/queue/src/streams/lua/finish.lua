-- Deletes finished messages of a stream that offices share. For each that leaves it, one that waited aside comes in.
-- KEYS: stream, attempts, held, aside. ARGV: group, and for each office `o` and its name (nothing for none, `?` where it
-- is not known), the number of its messages, and their ids. Returns how many there were.
local stream, attempts, held, aside = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
-- Deleted first: what is deleted and not acknowledged is never delivered again.
local function finish(from, to)
    local deleted = redis.call('XDEL', stream, unpack(ARGV, from, to))
    redis.call('XACK', stream, ARGV[1], unpack(ARGV, from, to))
    redis.call('HDEL', attempts, unpack(ARGV, from, to))
    return deleted
end
local place, finished = 2, 0
while place < #ARGV do
    local office, last = ARGV[place], place + 1 + tonumber(ARGV[place + 1])
    local at_once = office == '?' and 1 or 1000
    for from = place + 2, last, at_once do
        local whose = string.sub(office, 2)
        if office == '?' then
            local entry = redis.call('XRANGE', stream, ARGV[from], ARGV[from])[1]
            whose = entry and entry[2][3] == 'o' and entry[2][4] or ''
        end
        local deleted = finish(from, math.min(from + at_once - 1, last))
        if whose ~= '' then left(stream, held, aside, whose, deleted) end
        finished = finished + deleted
    end
    place = last + 1
end
return finished
