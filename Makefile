# Two commands on a machine with Python 3.11, make and git: `make run` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/.local
export PORT DATA_DIR

BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: run test test-faults test-mutants screenshots check audit format lock messages stop-certification start-certification status

run: $(INSTALLED)
	@exec $(BIN)/python manage.py run

# Two lanes side by side, the whole systems in one of them (tests/conftest.py); ARGS="…" in one process.
LANES = --numprocesses 2 --dist loadscope --no-loadscope-reorder --durations 20
test: $(INSTALLED)
	$(BIN)/python -m pytest $(or $(ARGS),$(LANES))

# The fault suite in full, by default 10,000 operations of seed 1, and what faults may cost.
test-faults: $(INSTALLED)
	SEED=$(or $(SEED),1) OPERATIONS=$(or $(OPERATIONS),10000) $(BIN)/python -m pytest -s $(ARGS) \
		tests/faults/test_fault_suite.py tests/journeys/test_running_system.py

# Each mutant of the product must be noticed by the suite.
test-mutants: $(INSTALLED)
	$(BIN)/python -m pytest tests/faults/test_mutants.py tests/mutants -m mutant -s $(ARGS)

# Every page and state, in both languages and themes, desktop and phone, with and without JavaScript.
screenshots: $(INSTALLED)
	SCREENSHOTS="$(CURDIR)/screenshots" $(BIN)/python -m pytest tests/browser/test_every_page.py \
		tests/browser/test_second_factor.py $(ARGS)

# The migrations are compared without a database: in `test` nothing waits for a pool to connect.
check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive apps elearning foundation
	$(BIN)/mypy
	$(BIN)/lint-imports
	ENVIRONMENT=test $(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py messages --check
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

# Fails on a known vulnerability, and where no advisory service can be reached: then nothing is known.
audit: $(INSTALLED)
	$(BIN)/python deploy/audit.py requirements.txt requirements-dev.txt requirements-uv.txt

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(INSTALLED)
	$(BIN)/python manage.py messages

# While `make run` runs: the certification worker alone, to see that completing goes on without it.
stop-certification start-certification: $(INSTALLED)
	$(BIN)/supervisorctl -c "$(DATA_DIR)/supervisord.conf" $(subst -, app:,$@)

# supervisorctl says 3 when not all of it runs.
status: $(INSTALLED)
	$(BIN)/supervisorctl -c "$(DATA_DIR)/supervisord.conf" status || [ $$? -eq 3 ]

# The locks name no index and no path: pip's own settings (PIP_INDEX_URL, pip.conf, …) say where from.
UV_LOCK = $(BIN)/uv pip compile --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet

lock: $(INSTALLED)
	$(UV_LOCK) $(UPGRADE) requirements.in -o requirements.txt
	$(UV_LOCK) $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	$(UV_LOCK) $(UPGRADE) requirements-uv.in -o requirements-uv.txt

$(INSTALLED): requirements.txt requirements-dev.txt requirements-uv.txt deploy/install.py
	$(PYTHON) -m venv .venv
	$(BIN)/python deploy/install.py
	@touch $@
