-- Reads prepared taps, each person once, and writes the request that enters them.
--
-- Arguments: the file of taps without its number, how many seconds the server's clock is ahead of
-- ours, the path that is posted to.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long microseconds; } bench_time;
  int gettimeofday(bench_time *now, void *zone);
]]

local now = ffi.new("bench_time")
local file, ahead, path, host
local head, taken_at, used

-- The time, in seconds with fractions.
function seconds()
  ffi.C.gettimeofday(now, nil)
  return tonumber(now.seconds) + tonumber(now.microseconds) / 1e6
end

function open_taps(args)
  dry = 0
  file = assert(io.open(args[1] .. "-" .. number .. ".txt"))
  ahead, path = tonumber(args[2]), args[3]
  host = wrk.host .. ":" .. wrk.port
  used = 0
end

-- The fix of a place is a few seconds old at most, as a phone's is.
local function refresh()
  taken_at = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + ahead) .. '"}}'
  head = "POST " .. path .. " HTTP/1.1\r\nHost: " .. host ..
    "\r\nContent-Type: application/json\r\nAuthorization: Bearer "
end

-- The next person's token, the whole request, and the body; nothing when everybody has tapped.
function next_tap()
  local line = file:read("*l")
  if not line then
    dry = dry + 1
    return nil
  end
  if used % 500 == 0 then refresh() end
  used = used + 1
  local space = line:find(" ", 1, true)
  local token, body = line:sub(1, space - 1), line:sub(space + 1) .. taken_at
  return token, head .. token .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body, body
end

-- A request for something with a token.
function ask(what, token)
  return "GET " .. what .. " HTTP/1.1\r\nHost: " .. host ..
    "\r\nAuthorization: Bearer " .. token .. "\r\n\r\n"
end
