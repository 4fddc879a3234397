# The two commands a newcomer needs are `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AT ?= 2026-02-06T09:59:30+08:00
PEOPLE ?= 5000
DAYS ?= 3
SEED ?= 1
EDITS ?= 1000
HONEST_DAYS ?= 200
BOUGHT ?= 100000
SEQUENCES ?= 1000000
SECONDS ?= 60
MINUTES ?= 5
ROUNDS ?= 10000
REQUESTS ?= 100000

.PHONY: help run test chaos torture drill refunds check simulate pages bench rush season curve lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

run: $(VENV)/.run pages ## Start the whole house with a small crowd (FRESH=1 starts anew)
	@$(BIN)/huiquan up --at $(AT) --crowd $(if $(FRESH),--fresh)

test: $(VENV)/.test browser pages ## Pass every promise (about 20 minutes on 2 cores)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@# The browser's own event loop and the house's do not share a process: two runs.
	@$(BIN)/python -m pytest -n 2 --dist loadgroup tests/e2e
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore tests/e2e

chaos: $(VENV)/.test pages ## Kill real processes under load and count what was acknowledged
	@$(BIN)/python -m pytest -n 2 --dist loadgroup tests/chaos

torture: $(VENV)/.test ## Break a whole house for MINUTES, then prove that nothing was lost (SEED)
	@$(BIN)/huiquan torture --minutes $(MINUTES) --seed $(SEED)

drill: $(VENV)/.test ## Tamper with EDITS exported days, verify DAYS honest ones; buy the notary for BOUGHT rounds (SEED)
	@$(BIN)/python -m tests.drills.tampering --edits $(EDITS) --days $(HONEST_DAYS) --seed $(SEED)
	@$(BIN)/python -m tests.drills.bought_notary --rounds $(BOUGHT) --seed $(SEED)

refunds: $(VENV)/.test ## Play SEQUENCES of refunds, settlements and a lying bank against a second count (SEED)
	@$(BIN)/python -m tests.drills.refund_sequences --sequences $(SEQUENCES) --seed $(SEED)

.PHONY: restore-drill
restore-drill: $(VENV)/.test ## Lose the database under SECONDS of load and restore it (SEED)
	@$(BIN)/python -m tests.drills.restoring --seconds $(SECONDS) --seed $(SEED)

check: $(VENV)/.test ## The fast inner loop: style, types, domain and tidy tests (under a minute)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q -n 2 tests/tidy tests/domain

simulate: $(VENV)/.run ## Play a season through the public doors (PEOPLE, DAYS, SEED)
	@$(BIN)/huiquan simulate --people $(PEOPLE) --days $(DAYS) --seed $(SEED)

pages: $(VENV)/.run ## Build the three front ends
	@$(BIN)/python -m huiquan.webui.build

bench: $(VENV)/.bench peers ## Measure a draw beside a constant and two other ways (BENCH="--rounds 5 …")
	@$(BIN)/python -m bench $(BENCH)

rush: $(VENV)/.bench peers ## Ten o'clock ten times over: overload, storms, slow clients, outages
	@$(BIN)/python -m bench.rush $(BENCH)

season: $(VENV)/.bench ## Ask everything about money of a season made up in SQL (BENCH="--vouchers 5400000")
	@$(BIN)/python -m bench.season $(BENCH)

curve: $(VENV)/.bench peers ## Cost of a draw and memory as the day fills
	@$(BIN)/python -m bench.curve $(BENCH)

.PHONY: bugs kills races storm
bugs: $(VENV)/.test ## Plant every seeded bug and show which guard finds it
	@$(BIN)/python -m tests.bugs

kills: $(VENV)/.test ## Cut every money flow before and after each of its statements
	@$(BIN)/python -m tests.kills

races: $(VENV)/.test ## 64 clients want one thing, ROUNDS times (SEED)
	@$(BIN)/python -m tests.races.rounds --rounds $(ROUNDS) --seed $(SEED)

storm: $(VENV)/.test ## Throw REQUESTS wrong messages at every door (SEED)
	@$(BIN)/python -m tests.fuzz.storm --requests $(REQUESTS) --seed $(SEED)

.PHONY: tills
tills: $(VENV)/.bench ## Measure redemptions over the acquirer's door beside a constant answer
	@$(BIN)/python -m bench.acquirer $(BENCH)

.PHONY: peers
peers:
	@(command -v wrk && command -v redis-server && test -e /usr/share/lua/5.1/nginx/redis.lua) >/dev/null || \
	  test "$$(id -u)" != 0 || (apt-get update -q && apt-get install -qy --no-install-recommends \
	  wrk redis-server nginx libnginx-mod-http-lua lua-cjson lua-nginx-redis)

.PHONY: browser
browser:
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 || \
	  (apt-get update -q && apt-get install -qy --no-install-recommends chromium fonts-noto-cjk)

lock: $(VENV)/.test ## Pin every requirement again, with hashes and without addresses
	@$(BIN)/pip install -q uv
	@cd requirements && for name in run test bench; do ../$(BIN)/uv pip compile --universal --no-strip-extras \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q \
	  $$name.in -o $$name.txt; done

clean: ## Remove what was built (the data of `make run` in .huiquan stay)
	@rm -rf $(VENV) frontends/node_modules frontends/dist huiquan/webui/dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  (echo "huiquan needs Python 3.11 or newer" >&2; exit 1)
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the house needs …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.run
	@echo "Installing what the bench compares with …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "Installing what proves it …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
