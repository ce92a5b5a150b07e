# make run: the app.  make test: every check and test.  make check: only the checks.  make bench: every measurement.
# make quick: the fast tests, without the checks of array shapes and with fewer examples of random input.
# make soak: twenty visitors for half an hour.  make chaos: failures of the machine (an hour, partly as root).
# make weights: trains the bundled classifiers of real actions, from the clips next to the checkout.
# make pictures: the sample on Home, the content of How it works, and the picture in README, from the bundled classifiers.
# make docs: the generated pages: command line, API, settings, promises.
# make screenshots: every screen in every state, wide and on a phone, light and dark, into screenshots/.
PYTHON ?= python3
# Tests start hundreds of processes; compiling everything in each of them doubles their time.
export PYTHONDONTWRITEBYTECODE =
BIN := .venv/bin
# Files with long tests come first. On two cores, a third process uses more processor time and saves none on the clock.
PYTEST := $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

.PHONY: run test quick check bench soak chaos weights pictures docs screenshots clean

run: .venv/.app
	$(BIN)/python -m streamlit run app.py --server.address=localhost

test: check
	$(PYTEST)

quick: .venv/.dev
	$(PYTEST) -m "not browser and not cluster and not training and not media" \
		--jaxtyping-packages= --hypothesis-profile=quick

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
