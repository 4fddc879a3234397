-- Everybody enters once, then asks for the outcome until it is known: a complete draw.
--
-- Two more arguments than taps.lua has: where the outcome is asked for, and how long a page waits
-- before it asks (again), in seconds. Answers do not say whose they are, so a receipt is known by
-- the nonce in its entry, an outcome by the number of the draw. wrk knows no waiting for one
-- connection: who waits is put into a queue, and the connection serves somebody else meanwhile.

local here = os.getenv("BENCH_WRK")
dofile(here .. "/report.lua")
dofile(here .. "/taps.lua")

local outcome, pace
local by_nonce, by_number = {}, {}
local waiting, first, last = {}, 1, 0

function init(args)
  open_taps(args)
  outcome, pace = args[4], tonumber(args[5])
  entered, known, asked_too_early = 0, 0, 0
end

local function wait(one)
  one.due = seconds() + pace
  last = last + 1
  waiting[last] = one
end

function request()
  local one = waiting[first]
  if one and one.due <= seconds() then
    waiting[first] = nil
    first = first + 1
    return one.raw
  end
  local token, raw, body = next_tap()
  if token then
    -- {"request_key":"<32 characters>" …: the key is the nonce.
    by_nonce[body:sub(17, 48)] = token
    return raw
  end
  -- Everybody has entered: what is left is to wait.
  return ask("/healthz", "")
end

local function on_receipt(entry, body)
  -- The nonce is the bytes 32 to 47 of an entry.
  local nonce = entry:sub(65, 96)
  local token = by_nonce[nonce]
  if not token then return end
  by_nonce[nonce] = nil
  entered = entered + 1
  local day, lane, idx = tonumber(entry:sub(7, 14), 16), tonumber(entry:sub(3, 6), 16),
    tonumber(entry:sub(15, 30), 16)
  local one = { raw = ask(outcome, token) }
  by_number[string.format("D%d-%02d-%06d", day, lane, idx)] = one
  wait(one)
end

local function on_outcome(name, body)
  local one = by_number[name]
  if not one then return end
  if body:find('"state":"pending"', 1, true) then
    asked_too_early = asked_too_early + 1
    wait(one)
  else
    by_number[name] = nil
    known = known + 1
  end
end

function response(status, headers, body)
  if status ~= 200 then return end
  local entry = body:match('"entry":"(%x+)"')
  if entry then
    on_receipt(entry, body)
    return
  end
  local name = body:match('"draw_no":"([^"]+)"')
  if name then on_outcome(name, body) end
end
