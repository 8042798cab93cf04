# One word a task. Each makes its own environment in .venv first; nothing is installed elsewhere, but for Dovecot
# (make test, on Debian as root). Needs Python 3.11 or newer, make and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-long lint types bench docs fuzz rows picture wheel clean dovecot

demo: $(VENV)/demo-ready
	$(BIN)/inboxtrack demo

test: $(VENV)/test-ready dovecot lint
	$(BIN)/pytest -n 2 --dist worksteal

lint: $(VENV)/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The long forms: more kills, more random orders of arrival, a longer soak. Minutes to hours.
test-long: $(VENV)/test-ready dovecot
	INBOXTRACK_LONG=1 INBOXTRACK_KILLS=200 $(BIN)/pytest -n 2 --dist worksteal
	$(BIN)/python bench/soak.py

bench: $(VENV)/test-ready dovecot
	$(BIN)/python bench/imap_costs.py
	$(BIN)/python bench/first_sync.py
	$(BIN)/python bench/mbox_import.py
	$(BIN)/python bench/read_mails.py
	$(BIN)/python bench/cold_start.py

fuzz: $(VENV)/test-ready
	$(BIN)/pip install -q atheris
	$(BIN)/python -m tests.fuzz $(FUZZ)

rows: $(VENV)/test-ready
	$(BIN)/python tests/coverage_of_rows.py

docs: $(VENV)/test-ready
	$(BIN)/pytest -q tests/test_docs.py

picture: $(VENV)/demo-ready
	$(BIN)/python -m inboxtrack.cli.demo.picture docs

wheel: $(VENV)/test-ready
	$(BIN)/pip wheel -q --no-deps -w dist .

clean:
	rm -rf $(VENV) dist build

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "inboxtrack needs Python 3.11, 3.12 or 3.13; this is $$($(PYTHON) --version): make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "no venv module in $(PYTHON): on Debian, apt-get install python3-venv" >&2; exit 2; }
	@touch $@

$(VENV)/demo-ready: $(VENV)/python pyproject.toml constraints.txt
	$(BIN)/pip install -q -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/test-ready: $(VENV)/python pyproject.toml constraints.txt
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	@touch $@

# Debian as root: from the system's packages. Elsewhere one loud line; with CI=true it is a failure, not a skip.
dovecot:
	@command -v dovecot >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq >/dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dovecot-core dovecot-imapd >/dev/null; } || true
	@command -v dovecot >/dev/null || { \
	  echo "*** NOT TESTED: everything that needs a real IMAP server; install dovecot-imapd and run make test again ***" >&2; \
	  [ "$$CI" != true ]; }
