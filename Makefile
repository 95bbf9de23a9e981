# `make` alone lists the targets. Nothing is installed outside this folder, but for the test browser (see `browser`).

PYTHON ?=
COURSE := .venv
BOOK := .venv-book
AUDIT := .venv-audit
GRADE := .venv-grade
LOCKS := requirements.lock requirements-book.lock requirements-lab.lock requirements-audit.lock requirements-grade.lock
PAGES ?=
LANGUAGES ?=
PAGE ?=
DRAFTS ?=
# Many systems have a variable LANGUAGE of their own: only one on the command line counts.
WRITTEN := $(if $(filter command,$(firstword $(origin LANGUAGE))),$(LANGUAGE))
ONLY ?=
RUNS ?=
PORT ?=
IP ?=
OPTIONS ?=
WITH ?=
PYTHON_ENV ?=
ACCEPT ?=
LANG_ ?=
FRESH ?=
FOLDER ?=
CHAPTERS ?=
HANDINS ?=
SECONDS ?= 900
MEMORY ?= 4
SANDBOX ?= yes
DEMAND := # `--required` where the browser may not be missing

.PHONY: help update book preview handout grade pdf test checks style units nbval site mutations bench site-check browser install lab progress verify execute upgrade-report renew sync serve lock audit clean

help:
	@echo "make book     build the site in three languages: book/_build/html/index.html"
	@echo "              (with the languages that are being translated: make book DRAFTS=yes)"
	@echo "make preview LANGUAGE=ko"
	@echo "              translate: begin a language, look at it while you write, and beside the English"
	@echo "              (begin a page: PAGE=02_convolution; how far all languages are: make preview)"
	@echo "make serve    build it and show it at http://localhost:8000 (elsewhere: make serve PORT=8765)"
	@echo "make pdf      print it: book/_build/pdf, one PDF a language (LANGUAGES=\"zh ja\": only these)"
	@echo "make lab      open notebooks of your own, in your language, in JupyterLab: my (make lab LANG_=zh)"
	@echo "              (bring a chapter back as it was, and keep yours: make lab FRESH=02)"
	@echo "              (make lab PORT=9000 OPTIONS=\"--no-browser\"; in a container: IP=0.0.0.0)"
	@echo "make progress list the exercises that you have solved"
	@echo "make verify   say in two minutes whether this machine gives the numbers of the book"
	@echo "make install  only install what these need; afterwards they work without a network"
	@echo "make test     check everything: style, package, translations, every stored output, the site"
	@echo "make handout CHAPTERS=\"02 03\""
	@echo "              for teachers: a zip of notebooks without solutions, and the key (LANG_=zh: in Chinese)"
	@echo "make grade HANDINS=folder"
	@echo "              for teachers: run what students handed in, and check it: points in a CSV file"
	@echo "make execute  run the English chapters anew and copy the outputs to the other languages"
	@echo "              (one chapter: make execute PAGES=02_convolution)"
	@echo "make upgrade-report WITH=tensorflow==2.22.0"
	@echo "              what other versions change in the chapters: one page, nothing is written into them"
	@echo "make renew    renew the shipped weights and records that were made with other versions (hours)"
	@echo "make sync     copy code and outputs from English; list what is to be translated"
	@echo "make bench    measure speed, memory and sizes: tests/benchmarks/RESULTS.md"
	@echo "              (a part: make bench ONLY=\"training correlation\"; with photographs: PHOTOS=folder)"
	@echo "make site-check"
	@echo "              Lighthouse, axe and a walk with the keyboard: tests/site_check/RESULTS.md"
	@echo "              (a part: make site-check ONLY=\"axe keyboard\"; of some pages: PAGES=\"en/02*\"; RUNS=1)"
	@echo "make update   get the newest version of the course; your changes to notebooks are kept in my/kept"
	@echo "make lock     pin all packages anew after a change of pyproject.toml"
	@echo "make audit    ask the network whether a pinned package has a known vulnerability"
	@echo "make clean    remove what the other targets made"
	@echo "A Python of your choice, 3.11 to 3.13: make book PYTHON=/path/to/python3.12"

book: $(BOOK)
	@$(BOOK)/bin/python -m book.build $(if $(DRAFTS),--drafts)

preview: $(BOOK)
	@$(BOOK)/bin/python -m tools.preview $(WRITTEN) --page "$(PAGE)" --port "$(PORT)" --address "$(IP)"

serve: book
	@$(BOOK)/bin/python -m tools.serve "$(PORT)" "$(IP)"

pdf: book
	@$(BOOK)/bin/python -m tools.pdf $(LANGUAGES)

# The student edition, in `my`; FOLDER=chapters opens the pages of the book themselves, for those who write it.
# Jupyter does not start for root without being told to; in a container root is the usual user.
STUDENT := my --LabApp.default_url=/lab/tree/$$(cat my/language)/index.ipynb
lab: $(COURSE)
	$(if $(FOLDER),,@$(COURSE)/bin/python -m book.student ready --language "$(LANG_)" --fresh "$(FRESH)")
	$(COURSE)/bin/python -m jupyterlab $(or $(FOLDER),$(STUDENT)) $(if $(PORT),--port=$(PORT)) $(if $(IP),--ip=$(IP)) \
	  $(if $(filter 0,$(shell id -u)),--allow-root) $(OPTIONS)

handout: $(BOOK)
	@$(BOOK)/bin/python -m book.assignment --chapters "$(CHAPTERS)" --language "$(LANG_)"

grade: $(BOOK) $(COURSE) $(GRADE)
	@$(BOOK)/bin/python -m tools.grade "$(HANDINS)" --seconds "$(SECONDS)" --memory "$(MEMORY)" --sandbox "$(SANDBOX)"

progress: $(BOOK)
	@$(BOOK)/bin/python -m book.student progress

verify: $(COURSE)
	@$(COURSE)/bin/python -m tools.verify

install: $(BOOK) $(COURSE)

execute: $(COURSE)
	$(COURSE)/bin/python -m book.execute $(PAGES)

# Differences are what it is for, and no failure. WITH makes an environment beside $(COURSE).
upgrade-report: $(COURSE)
	@$(COURSE)/bin/python -m tools.upgrade $(if $(ONLY),--only $(ONLY)) $(if $(WITH),--with $(WITH)) \
	  $(if $(PYTHON_ENV),--python "$(PYTHON_ENV)") $(if $(ACCEPT),--accept $(ACCEPT))

renew: $(COURSE)
	@$(COURSE)/bin/python -m cnn_course.experiments all $(OPTIONS)

update: $(BOOK)
	@$(BOOK)/bin/python -m book.update

sync: $(BOOK)
	$(BOOK)/bin/python -m book.translations sync

# The browser is looked for before anything large is installed. What is quick and likely to fail comes next. The rest
# runs three at a time: each part leaves one of two processors idle for much of its time. Threads are pinned
# (cnn_course.runtime), so no result depends on what runs beside it. Everything is installed before, and the output of a
# part is shown as a whole when it ends, where make can do that (4.0 and later).
test: browser style $(BOOK)
	@echo "Running $(CHECKS), three at a time; each shows its output when it ends."
	@$(MAKE) --no-print-directory --jobs=3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) checks
	@$(COURSE)/bin/python -m tools.browser verdict

CHECKS := nbval units site mutations
checks: $(CHECKS)

style: $(COURSE)
	$(COURSE)/bin/ruff check .
	$(COURSE)/bin/ruff format --check .
	$(COURSE)/bin/codespell
	$(COURSE)/bin/lint-imports

units: $(COURSE)
	$(COURSE)/bin/python -m pytest tests/safety tests/setup tests/translations tests/notebooks tests/plugin tests/units

nbval: $(COURSE)
	notebooks=$$($(COURSE)/bin/python -m book.notebooks) && \
	  $(COURSE)/bin/python -m pytest --nbval-strict --nbval-cell-timeout=600 $$notebooks

site: $(COURSE) book
	$(COURSE)/bin/python -m pytest tests/site tests/browser

mutations: $(COURSE) book
	$(COURSE)/bin/python -m pytest tests/mutations

# Never part of `test`: times differ from machine to machine. A quiet machine gives the figures worth keeping.
bench: DEMAND := --required
bench: browser $(COURSE) book
	@$(COURSE)/bin/python -m tests.benchmarks $(ONLY) $(if $(PHOTOS),--photos "$(PHOTOS)")

# Never part of `test`, either: Lighthouse comes from npm, and its times differ.
site-check: DEMAND := --required
site-check: browser $(COURSE) book
	@$(COURSE)/bin/python -m tests.site_check $(ONLY) $(if $(RUNS),--runs $(RUNS)) $(if $(PAGES),--pages $(PAGES))

browser:
	@python=$$(sh tools/python.sh $(COURSE) "$(PYTHON)") && "$$python" -Es -m tools.browser $(DEMAND)

# One environment for the course and its tests, and a small one without TensorFlow for the site: tools/environment.py
# knows what is in them, and makes one anew that was moved, copied, interrupted, or made from another lock file.
.PHONY: $(COURSE) $(BOOK) $(AUDIT) $(GRADE)
$(COURSE) $(BOOK) $(AUDIT) $(GRADE):
	@python=$$(sh tools/python.sh $@ "$(PYTHON)") && "$$python" -Es -m tools.environment $@

LOCK := $(COURSE)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --upgrade

lock: $(COURSE)
	$(LOCK) pyproject.toml --group book --group lab --group test -o requirements.lock
	$(LOCK) --group book --constraint requirements.lock -o requirements-book.lock
	$(LOCK) pyproject.toml --group lab --constraint requirements.lock -o requirements-lab.lock
	$(LOCK) --group audit --constraint requirements.lock -o requirements-audit.lock
	$(LOCK) --group grade --constraint requirements.lock -o requirements-grade.lock

# Not part of `test`: what is known about a version changes from day to day, and this needs the network.
audit: $(AUDIT)
	@$(AUDIT)/bin/python tools/audit.py $(LOCKS)

clean:
	rm -rf $(COURSE) $(BOOK) $(AUDIT) $(GRADE) .venv-trial .venv*.old book/_build tests/site_check/node_modules
