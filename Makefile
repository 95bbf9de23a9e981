# `make` alone lists the targets. Nothing is installed outside this folder, but for the test browser (see `browser`).

PYTHON ?= $(shell command -v python3.11 || command -v python3)
COURSE := .venv
BOOK := .venv-book
AUDIT := .venv-audit
LOCKS := requirements.lock requirements-book.lock requirements-audit.lock
PAGES ?=
ONLY ?=

.PHONY: help update book test checks style units nbval site mutations bench browser install-browser lab execute sync serve lock audit clean

help:
	@echo "make book     build the site in three languages: book/_build/html/index.html"
	@echo "make serve    build it and show it at http://localhost:8000"
	@echo "make lab      open the chapters in JupyterLab, ready to run and change"
	@echo "make test     check everything: style, package, translations, every stored output, the site"
	@echo "make execute  run the English chapters anew and copy the outputs to the other languages"
	@echo "              (one chapter: make execute PAGES=02_convolution)"
	@echo "make sync     copy code and outputs from English; list what is to be translated"
	@echo "make bench    measure speed, memory and sizes: tests/benchmarks/RESULTS.md"
	@echo "              (a part: make bench ONLY=\"training correlation\")"
	@echo "make update   get the newest version of the course; your changes to notebooks are kept in my/kept"
	@echo "make lock     pin all packages anew after a change of pyproject.toml"
	@echo "make audit    ask the network whether a pinned package has a known vulnerability"
	@echo "make clean    remove what the other targets made"

book: $(BOOK)/ready
	@$(BOOK)/bin/python -m book.build

serve: book
	@echo "http://localhost:8000 (stop with Ctrl-C)"
	@$(BOOK)/bin/python -m http.server 8000 --bind 127.0.0.1 --directory book/_build/html

lab: $(COURSE)/ready
	$(COURSE)/bin/jupyter lab chapters

execute: $(COURSE)/ready
	$(COURSE)/bin/python -m book.execute $(PAGES)

update: $(BOOK)/ready
	@$(BOOK)/bin/python -m book.update

sync: $(BOOK)/ready
	$(BOOK)/bin/python -m book.translations sync

# What is quick and likely to fail comes first. The rest runs two at a time: each part leaves one of two processors idle
# for much of its time. Threads are pinned (cnn_course.runtime), so no result depends on what runs beside it. Everything
# is installed before, and the output of a part is shown as a whole when it ends, where make can do that (4.0 and later).
test: style $(BOOK)/ready browser
	@echo "Running $(CHECKS), two at a time; each shows its output when it ends."
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) checks

CHECKS := nbval units site mutations
checks: $(CHECKS)

style: $(COURSE)/ready
	$(COURSE)/bin/ruff check .
	$(COURSE)/bin/ruff format --check .

units: $(COURSE)/ready
	$(COURSE)/bin/pytest tests/safety tests/translations tests/notebooks tests/plugin tests/units

nbval: $(COURSE)/ready
	$(COURSE)/bin/pytest -p nbval_strict.plugin --nbval --nbval-strict --nbval-cell-timeout=600 chapters

site: $(COURSE)/ready browser book
	$(COURSE)/bin/pytest tests/site tests/browser

mutations: $(COURSE)/ready book
	$(COURSE)/bin/pytest tests/mutations

# Never part of `test`: times differ from machine to machine. A quiet machine gives the figures worth keeping.
bench: $(COURSE)/ready browser book
	@$(COURSE)/bin/python -m tests.benchmarks $(ONLY)

browser:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -q "Noto Sans CJK" || $(MAKE) --no-print-directory install-browser

install-browser:
	@test "$$(id -u)" = 0 && command -v apt-get >/dev/null || \
	  { echo "The browser tests need Chromium and the fonts Noto Sans CJK: install them, then run this again."; exit 1; }
	@echo "Installing Chromium and CJK fonts for the browser tests"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig

# One environment for the course and its tests, and a small one without TensorFlow for the site.
$(COURSE)/ready: requirements.lock pyproject.toml
	$(call install,$(COURSE),requirements.lock,TensorFlow with JupyterLab and the tests)
	@$(COURSE)/bin/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(BOOK)/ready: requirements-book.lock
	$(call install,$(BOOK),requirements-book.lock,Jupyter Book)
	@touch $@

$(AUDIT)/ready: requirements-audit.lock
	$(call install,$(AUDIT),requirements-audit.lock,pip-audit)
	@touch $@

define install
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "Python 3.11 to 3.13 is needed; found $$($(PYTHON) --version). Name one: make PYTHON=/usr/bin/python3.11 …"; exit 1; }
	@echo "Installing into $(1): $(3). This happens once."
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/pip install -qq --disable-pip-version-check --require-hashes -r $(2)
endef

LOCK := $(COURSE)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --upgrade

lock: $(COURSE)/ready
	$(LOCK) pyproject.toml --group book --group lab --group test -o requirements.lock
	$(LOCK) --group book --constraint requirements.lock -o requirements-book.lock
	$(LOCK) --group audit --constraint requirements.lock -o requirements-audit.lock

# Not part of `test`: what is known about a version changes from day to day, and this needs the network.
audit: $(AUDIT)/ready
	@$(AUDIT)/bin/python tools/audit.py $(LOCKS)

clean:
	rm -rf $(COURSE) $(BOOK) $(AUDIT) book/_build
