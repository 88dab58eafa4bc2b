-- Put before every script that needs it. A message's id is `milliseconds-number`; among the returned it stands with
-- leading zeros, so that those that are due together come in their order.
local function member_of(id)
    local time, number = string.match(id, '^(%d+)%-(%d+)$')
    return string.rep('0', 16 - #time) .. time .. '-' .. string.rep('0', 10 - #number) .. number
end
local function id_of(member)
    local time, number = string.match(member, '^0*(%d+)%-0*(%d+)$')
    return time .. '-' .. number
end
-- Milliseconds since 1970 by the clock of the server.
local function server_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
-- Who holds a lease, and how often it was given out; nothing when nobody does.
local function lease_of(stream, group, id)
    local found = redis.call('XPENDING', stream, group, id, id, 1)[1]
    if found then return found[2], tonumber(found[4]) end
end
