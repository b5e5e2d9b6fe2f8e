# Every target works first and alone on a fresh clone; it needs make and a Python >= 3.12.
.PHONY: setup demo test evidence bench lint
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
# A candidate counts only if it runs: a version manager's shim on PATH may stand for nothing.
FIT := import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 12))

setup: .venv/installed

demo: .venv/installed
	.venv/bin/ledgerfolk run high_street --out out/demo --force

lint: .venv/installed-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy

test: lint
	$(PYTHON) -m pytest --numprocesses auto --dist loadfile

evidence: .venv/installed
	$(PYTHON) -m simulator.evidence

bench: .venv/installed
	.venv/bin/ledgerfolk bench

.venv/installed: pyproject.toml
	@if ! $(PYTHON) -c '$(FIT)' >/dev/null 2>&1; then \
	  found=; \
	  for candidate in python3.14 python3.13 python3.12 python3 python "$$(pyenv root 2>/dev/null)"/versions/*/bin/python; do \
	    if "$$candidate" -c '$(FIT)' >/dev/null 2>&1; then found="$$candidate"; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then echo 'ledgerfolk needs Python 3.12 or newer (with venv), and none was found' >&2; exit 1; fi; \
	  "$$found" -m venv --clear .venv; \
	fi
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
