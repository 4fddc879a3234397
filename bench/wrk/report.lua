-- What wrk has to say at the end, as one line of JSON on standard output.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

-- The sum of a counter over all threads.
local function sum(name)
  local total = 0
  for _, thread in ipairs(threads) do
    total = total + (thread:get(name) or 0)
  end
  return total
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"seconds":%.6f,"requests":%d,"broken":%d,"refused":%d,"p50_ms":%.3f,"p99_ms":%.3f,' ..
    '"max_ms":%.3f,"entered":%d,"known":%d,"pending":%d,"dry":%d}\n',
    summary.duration / 1e6, summary.requests,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    sum("entered"), sum("known"), sum("asked_too_early"), sum("dry")))
end
