-- Put before every script that adds messages to a stream which offices share, or takes some from it. At most a window of an
-- office's messages stands in the stream; `held` counts them. The rest waits in a stream of the office beside it, whose
-- name begins as `aside`, which counts those.
local function aside_of(aside, office)
    return aside .. ':' .. office
end
-- Messages that wait aside.
local function waiting(aside)
    local count = 0
    for _, waits in ipairs(redis.call('HVALS', aside)) do count = count + tonumber(waits) end
    return count
end
-- Adds a message. `turn` is `window:office`, or nothing for what is about no office.
local function add(stream, held, aside, turn, text)
    local window, office = string.match(turn, '^(%d+):(.*)$')
    if not window then
        redis.call('XADD', stream, '*', 'e', text)
    elseif redis.call('HEXISTS', aside, office) == 1
        or tonumber(redis.call('HGET', held, office) or '0') >= tonumber(window) then
        redis.call('XADD', aside_of(aside, office), '*', 'e', text)
        redis.call('HINCRBY', aside, office, 1)
    else
        redis.call('XADD', stream, '*', 'e', text, 'o', office)
        redis.call('HINCRBY', held, office, 1)
    end
end
-- So many messages of an office have left the stream: as many of those that wait aside come in.
local function left(stream, held, aside, office, count)
    if count == 0 then return end
    local come = 0
    if redis.call('HEXISTS', aside, office) == 1 then
        local waits = aside_of(aside, office)
        for _, entry in ipairs(redis.call('XRANGE', waits, '-', '+', 'COUNT', count)) do
            redis.call('XADD', stream, '*', 'e', entry[2][2], 'o', office)
            redis.call('XDEL', waits, entry[1])
            come = come + 1
        end
        if redis.call('HINCRBY', aside, office, -come) <= 0 or come < count then
            redis.call('HDEL', aside, office)
            redis.call('DEL', waits)
        end
    end
    if redis.call('HINCRBY', held, office, come - count) <= 0 then redis.call('HDEL', held, office) end
end
