-- Put before every script that gives messages up; needs `names.lua` and `offices.lua`.
-- Moves a message to the dead letters.
local function bury(stream, returned, attempts, dead, held, aside, group, id, failures, why, now)
    local entry = redis.call('XRANGE', stream, id, id)[1]
    local office = entry and entry[2][3] == 'o' and entry[2][4]
    if entry then
        redis.call('XADD', dead, '*', 'e', entry[2][2], 'attempts', failures, 'error', why, 'died', now, 'o', office or '')
    end
    local deleted = redis.call('XDEL', stream, id)
    redis.call('XACK', stream, group, id)
    redis.call('HDEL', attempts, id)
    redis.call('ZREM', returned, member_of(id))
    if office then left(stream, held, aside, office, deleted) end
end
