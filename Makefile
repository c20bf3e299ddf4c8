PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VSCODE ?= $(or $(TMPDIR),/tmp)/spteproof-in-vscode

.PHONY: prove test lint bench editor vscode clean

prove: $(VENV)/ready          ## set up and prove the library
	$(BIN)/spteproof prove

test: $(VENV)/ready-to-test   ## set up and run the tests
	$(BIN)/python -m pytest --numprocesses auto

lint: $(VENV)/ready-to-test   ## linters and type checkers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build/types build/lib && mkdir -p build/types/spteproof
	for part in app/* grammar solver spec; do ln -sfn ../../../$$part build/types/spteproof/; done
	$(BIN)/mypy

bench: $(VENV)/ready-to-test  ## measure (docs/performance.md)
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python bench/run.py

editor: $(VENV)/ready-to-test ## the language server over every line of the library (long; docs/performance.md)
	$(BIN)/python bench/editor_runs.py

vscode: $(VENV)/ready-to-test ## the extension inside of VS Code, in a browser; takes the picture in docs/editors.md (long)
	$(BIN)/python editors/vscode/picture.py $(VSCODE)

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/ready-to-test: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
