#!lua flags=allow-oom
-- ARGV: the holder; the record, done; its time to live in ms.
-- Answers: 2 applied, though the record was gone; 1 applied; 0 fenced.
local old = redis.call('GET', KEYS[1])
if old then
    if string.sub(old, 1, 25) ~= ARGV[1] then
        return 0
    end
    if string.byte(old, 26) == 2 then
        return 1
    end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return old and 1 or 2
