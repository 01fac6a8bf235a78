# The two commands: `make book` and `make test`. Everything they need, they set up.
# `make help` lists them all.

PYTHON ?= python3
PORT   ?= 8000
SAMPLE ?= 40
JOBS   ?= -1
BACKEND ?= loky
WORKERS ?= 2
BIN    := .venv/bin
READY  := .venv/.ready book/vendor/.ready
SITE   := _build/html
NOTEBOOKS = $(wildcard book/*.ipynb book/*/*.ipynb)

.PHONY: book help serve test lint unit notebooks site browser portable results bench frameworks outside pdf mutation clean
.DELETE_ON_ERROR:

# Several processes, so one BLAS thread in each; `make portable` also runs with two.
PARALLEL := -n $(WORKERS)
unit notebooks site browser: export OPENBLAS_NUM_THREADS ?= 1

book: site  ## build the book (the default)
	@echo
	@echo "The book is built. Open file://$(CURDIR)/$(SITE)/index.html, or run 'make serve'."

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(READY)  ## read the built book in a browser; PORT=8000
	@test -f $(SITE)/index.html || $(MAKE) --no-print-directory site
	@$(BIN)/python tools/serve.py $(PORT)

# The build runs one notebook at a time; beside it there is room for the rest that needs no pages.
test: $(READY)  ## every check: style, types, notebooks, build, unit tests, browser
	@$(MAKE) --no-print-directory --jobs=2 WORKERS=1 site lint notebooks
	@$(MAKE) --no-print-directory unit browser

lint: $(READY)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/notebooks.py --check
	$(BIN)/python tools/links.py --check

unit: $(READY)  ## unit and property tests, in two processes
	$(BIN)/python -m pytest tests --ignore=tests/browser $(PARALLEL) --dist worksteal

notebooks: $(READY)  ## run every notebook and compare with its stored outputs
	$(BIN)/python -m pytest --nbval -p tests.nbval_pictures -p no:cacheprovider $(NOTEBOOKS) $(PARALLEL) --dist loadfile

site: $(READY)  ## build the book, a warning is an error
	@rm -rf _build  # a kept page would not notice an edit of lstm_lib
	$(BIN)/jupyter-book build . -W -n --keep-going --quiet

browser: $(READY)  ## look at the built pages in Chromium
	$(BIN)/python tools/chromium.py
	$(BIN)/python -m pytest tests/browser $(PARALLEL) --dist loadscope

portable: $(READY)  ## unit tests and notebooks on other processors; CORES="Nehalem Zen" ONLY="unit index"
	$(BIN)/python tools/portable.py --cores $(CORES) --only $(ONLY) --jobs $(patsubst -1,2,$(JOBS))

results: $(READY)  ## measure what is missing in results/; EXPERIMENT=name JOBS=2 BACKEND=dask
	$(BIN)/python -m lstm_lib.page.experiments --jobs $(JOBS) --backend $(BACKEND) $(EXPERIMENT)

bench: $(READY)  ## how fast the derivations and the pages are
	$(BIN)/python benchmarks/derive_speed.py
	$(BIN)/python benchmarks/book.py

frameworks: .venv-frameworks/.ready  ## compare with PyTorch and JAX, in an environment of its own
	.venv-frameworks/bin/python -m pytest tests/frameworks
	.venv-frameworks/bin/python benchmarks/run.py --rounds 3

outside: $(READY)  ## the notebooks as readers run them: new environment, one pip install, empty folder
	$(BIN)/python tools/outside.py

pdf: $(READY)  ## the whole book as one PDF, printed by Chromium
	@test -f $(SITE)/index.html || $(MAKE) --no-print-directory site
	$(BIN)/python tools/chromium.py
	$(BIN)/python tools/pdf.py

mutation: .venv-mutation/.ready  ## break the backward passes on purpose; SAMPLE=40
	.venv-mutation/bin/python tools/mutation.py --sample $(SAMPLE)

.venv-mutation/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-mutation
	.venv-mutation/bin/python -m pip install --quiet -e '.[derive]' pytest hypothesis 'cosmic-ray>=8.3'
	@touch $@

.venv-frameworks/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-frameworks
	.venv-frameworks/bin/python -m pip install --quiet -e '.[benchmarks]' pytest hypothesis
	@touch $@

clean:  ## remove what was built
	rm -rf _build artefacts

.venv/.ready: requirements.txt pyproject.toml tools/setup_venv.py
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) on this machine: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) tools/setup_venv.py

book/vendor/.ready: package-lock.json tools/fetch_vendor.py | .venv/.ready
	@$(BIN)/python tools/fetch_vendor.py
