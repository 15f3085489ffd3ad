# Every client's ad day, whole or not at all. `make help` lists what there is.
PYTHON ?= python3
PORT ?=
export DBT_SEND_ANONYMOUS_USAGE_STATS = false
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help install lock run collect build validate publish report backfill onboard doctor health rollback \
	unpin inbox-check inbox-template sandbox serve alert-test bench chaos detect timetravel screenshots \
	attack soak audit test quick lint clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

install: .venv/installed-from ## make .venv from requirements.lock (every command does this first)

.venv/installed-from: requirements.lock
	@$(PYTHON) wholeday/bootstrap.py

# What only developers need comes on top: tests, linters, a browser's driver.
.venv/installed-dev: requirements-dev.lock .venv/installed-from
	@$(PYTHON) wholeday/bootstrap.py dev

run: install ## the whole pipeline: collect, build, validate, publish, report
	@$(PY) -m wholeday run

collect: install ## ask the platforms for what is needed, into the ledger
	@$(PY) -m ingest collect

build: install ## build the candidate; AS_OF=2026-11-01T06:00:00+00:00 as it would have been then
	@$(PY) -m wholeday build $(if $(AS_OF),--as-of "$(AS_OF)")

validate: install ## let Great Expectations judge the arrival and the candidate, after a rollback the release: [FILE=release]
	@$(PY) -m expectations validate $(if $(FILE),--file "$(FILE)")

publish: install ## let the gate decide, and publish; judges first what was not judged
	@$(PY) -m publish publish

report: install ## render the site
	@$(PY) -m publish report

backfill: install ## collect days again: CLIENT=… FROM=… TO=… [PLATFORM=…]
	@$(PY) -m wholeday backfill --client "$(CLIENT)" --from "$(FROM)" --to "$(TO)" $(if $(PLATFORM),--platform "$(PLATFORM)")

onboard: install ## propose the rows that register a client: CLIENT=… [ACCOUNT="…"] [SINCE=…]
	@$(PY) -m ingest onboard --client "$(CLIENT)" $(if $(ACCOUNT),--account $(ACCOUNT)) $(if $(SINCE),--since "$(SINCE)")

doctor: install ## look at everything a run needs; changes nothing
	@$(PY) -m wholeday doctor

health: install ## judge the published release against the clock
	@$(PY) -m wholeday health

inbox-check: install ## say which files would be read and why not: [ACCOUNT=…]
	@$(PY) -m ingest.files check $(if $(ACCOUNT),--account "$(ACCOUNT)")

inbox-template: install ## write an example file into the folder of an account: ACCOUNT=…
	@$(PY) -m ingest.files template --account "$(ACCOUNT)"

rollback: install ## publish the previous release again, or TO=run_id, and stay with it
	@$(PY) -m publish rollback $(if $(TO),--to "$(TO)")

unpin: install ## let later runs publish again after a rollback
	@$(PY) -m publish unpin

sandbox: install ## an ad platform on this machine: [PORT=…]
	@$(PY) -m sandbox --agency "$${WHOLEDAY_AGENCY:-agency}" $(if $(PORT),--port "$(PORT)")

serve: install ## the site and the health API: [PORT=…]
	@$(PY) -m serve $(if $(PORT),--port "$(PORT)")

alert-test: install ## send a sample to every alert channel
	@$(PY) -m alerts test

bench: .venv/installed-dev ## speed, as ratios against the floor
	@$(PY) -m benchmarks

chaos: .venv/installed-dev ## kills and faults: [TRIALS=200] [SEED=…] [JOBS=2]; facts that change: PART=facts [SEQUENCES=300] [SHRINK=1]
	@$(PY) -m benchmarks.chaos $(if $(PART),"$(PART)") $(if $(TRIALS),--trials "$(TRIALS)") $(if $(SEQUENCES),--sequences "$(SEQUENCES)") \
		$(if $(SHRINK),--shrink) $(if $(SEED),--seed "$(SEED)") $(if $(JOBS),--jobs "$(JOBS)")

detect: .venv/installed-dev ## faults and legitimate events through the pipeline: recall, names, false alarms: [SEEDS=…] [JOBS=…]
	@$(PY) -m benchmarks.detect $(if $(SEEDS),--seeds "$(SEEDS)") $(if $(JOBS),--jobs "$(JOBS)")

timetravel: .venv/installed-dev ## figures as of earlier moments against what readers had then: [RUNS=60] [SEED=…]
	@$(PY) -m benchmarks.timetravel $(if $(RUNS),--runs "$(RUNS)") $(if $(SEED),--seed "$(SEED)")

screenshots: .venv/installed-dev ## pictures of the site for the README, each of a real run
	@$(PY) -m tests.python.site.screenshots

attack: .venv/installed-dev ## what an attacker tries: tokens, requests, names and files, counted (a part of make test)
	@$(PY) -m pytest -m attack -n auto --dist loadfile --no-loadscope-reorder

soak: .venv/installed-dev ## readers, runs, healing and streams for half an hour: memory and open files: [MINUTES=30]
	@$(PY) -m benchmarks.soak $(if $(MINUTES),--minutes "$(MINUTES)")

audit: .venv/installed-dev ## hashes, licences and known vulnerabilities of all packages
	@$(PY) -m wholeday.audit

test: lint ## everything CI checks
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report= --durations=10 -rs
	@$(PY) -m coverage report --fail-under=85

quick: lint ## the checks that take seconds
	@$(PY) -m pytest -m "not slow"

lint: .venv/installed-dev ## format, types and SQL style
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --no-logo
	@.venv/bin/sqlfluff lint --disable-progress-bar --processes 0 models tests/generic tests/data
	@.venv/bin/sqlfluff lint --disable-progress-bar --templater placeholder publish serve alerts core

LOCK = .venv/bin/uv pip compile -q --universal --python-version 3.11 --no-strip-extras --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml

lock: install ## resolve pyproject.toml into requirements.lock and requirements-dev.lock anew
	@$(LOCK) -o requirements.lock
	@$(LOCK) --extra dev --constraints requirements.lock -o requirements-dev.lock

clean: install ## remove what was generated, never the ledger or releases
	@$(PY) -m wholeday clean
	@rm -rf target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
