# The two commands: `make book` and `make test`. Everything they need, they set up.

PYTHON ?= python3
PORT   ?= 8000
SAMPLE ?= 40
JOBS   ?= -1
BACKEND ?= loky
BIN    := .venv/bin
READY  := .venv/.ready book/vendor/.ready
SITE   := _build/html
NOTEBOOKS = $(wildcard book/*.ipynb book/*/*.ipynb)

.PHONY: book serve test lint unit notebooks site browser portable results bench frameworks mutation clean
.DELETE_ON_ERROR:

book: site
	@echo
	@echo "The book is built. Open file://$(CURDIR)/$(SITE)/index.html, or run 'make serve'."

serve: $(READY)
	@test -f $(SITE)/index.html || $(MAKE) --no-print-directory site
	@$(BIN)/python tools/serve.py $(PORT)

# Every check: style and types, unit and property tests, notebooks, the build, the built pages.
test: lint unit notebooks site browser

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/notebooks.py --check
	$(BIN)/python tools/links.py --check

unit: $(READY)
	$(BIN)/python -m pytest tests --ignore=tests/browser

notebooks: $(READY)
	$(BIN)/python -m pytest --nbval --nbval-sanitize-with tests/nbval.cfg -p no:cacheprovider $(NOTEBOOKS)

site: $(READY)
	@rm -rf _build  # a kept page would not notice an edit of lstm_lib
	$(BIN)/jupyter-book build . -W -n --keep-going --quiet

browser: $(READY)
	$(BIN)/python tools/chromium.py
	$(BIN)/python -m pytest tests/browser -n 2 --dist loadscope

# As other processors would: OpenBLAS's kernels, one thread and two, NumPy's older instructions.
portable: $(READY)
	$(BIN)/python tools/portable.py --cores $(CORES) --only $(ONLY) --jobs $(patsubst -1,2,$(JOBS))

# What is too slow for a page: measured once, kept in results/, confirmed after an edit of the code.
results: $(READY)
	$(BIN)/python -m lstm_lib.page.measure --jobs $(JOBS) --backend $(BACKEND) $(EXPERIMENT)

bench: $(READY)
	$(BIN)/python benchmarks/derive_speed.py
	$(BIN)/python benchmarks/book.py

# Against PyTorch, in an environment of its own: exactness, then speed side by side.
frameworks: .venv-frameworks/.ready
	.venv-frameworks/bin/python -m pytest tests/frameworks
	.venv-frameworks/bin/python benchmarks/run.py --rounds 3

# Break the backward passes on purpose, in many places, and count which breaks the tests notice.
mutation: .venv-mutation/.ready
	.venv-mutation/bin/python mutation/run.py --sample $(SAMPLE)

.venv-mutation/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-mutation
	.venv-mutation/bin/python -m pip install --quiet -e '.[derive]' pytest hypothesis 'cosmic-ray>=8.3'
	@touch $@

.venv-frameworks/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-frameworks
	.venv-frameworks/bin/python -m pip install --quiet -e '.[benchmarks]' pytest hypothesis
	@touch $@

clean:
	rm -rf _build artefacts

.venv/.ready: requirements.txt pyproject.toml tools/setup_venv.py
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) on this machine: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) tools/setup_venv.py

book/vendor/.ready: package-lock.json tools/fetch_vendor.py | .venv/.ready
	@$(BIN)/python tools/fetch_vendor.py
