# make run: the app.  make test: every check and test.  make check: only the checks.  make bench: every measurement.
# make soak: half an hour of twenty visitors.  make chaos: what can go wrong is made to go wrong (an hour, some of it as root).
# make weights: trains the shipped classifiers of real actions anew, from the clips beside the checkout.
# make pictures: the sample on Home, what How it works shows, and the picture in README, from the shipped classifiers.
# make docs: the pages that are generated: command line, settings, promises.
# make screenshots: every screen in every state, wide and on a phone, light and dark, into screenshots/.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check bench soak chaos weights pictures docs screenshots clean

run: .venv/.app
	$(BIN)/python -m streamlit run app.py

test: check
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python -m benchmarks

soak: .venv/.dev
	$(BIN)/python -m stress.soak

chaos: .venv/.dev
	$(BIN)/python -m stress.chaos

weights: .venv/.dev
	$(BIN)/python -m benchmarks.weights

pictures: .venv/.dev
	$(BIN)/python -m docs.pictures

docs: .venv/.dev
	$(BIN)/python -m docs.cli
	$(BIN)/python -m docs.api
	$(BIN)/python -m docs.settings
	$(BIN)/python -m docs.promises

screenshots: .venv/.dev
	$(BIN)/python -m docs.screenshots $(SCENES)

clean:
	rm -rf .venv

.venv/.app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@

.venv/.dev: requirements.txt requirements-dev.txt pyproject.toml | .venv/.app
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt --editable .
	touch $@
