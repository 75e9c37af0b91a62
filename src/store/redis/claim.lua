-- ARGV: version and nonce; the record from its gap on; its time to live in ms;
-- whether an expired lease may be taken over.
-- Answers: whether it was granted; the record that now stands; what is left of its
-- lease in ms, or -1; the server's time in µs since 1970.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local fence, attempt, is_takeover = now, 1, 0
local old = redis.call('GET', KEYS[1])
if old then
    local state = string.byte(old, 26)
    if string.byte(old) ~= 1 or not state or state > 1 then
        return {0, old, -1, now}
    end
    if state == 0 then
        local life = redis.call('PTTL', KEYS[1])
        local gap, lease = struct.unpack('>I8I8', old, 32)
        local left = life - gap
        if left > lease then
            -- The server's clock was set back: the lease begins anew, once, or it would
            -- last until the clock has caught up.
            redis.call('SETRANGE', KEYS[1], 31, struct.pack('>I8', life - lease))
            left = lease
        end
        local is_mine = string.sub(old, 1, 17) == ARGV[1]
        -- In its last millisecond 0 is left: no lease is shorter than it was granted for.
        if left >= 0 or is_mine or ARGV[4] == '0' then
            return {0, old, math.max(left, -1), now}
        end
        is_takeover = 1
    end
    fence = math.max(now, struct.unpack('>I8', old, 18) + 1)
    attempt = math.min(struct.unpack('>I4', old, 28) + 1, 4294967295)
end
local new = ARGV[1] .. struct.pack('>I8BBI4', fence, 0, is_takeover, attempt) .. ARGV[2]
redis.call('SET', KEYS[1], new, 'PX', ARGV[3])
return {1, new, -1, now}
