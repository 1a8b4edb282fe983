# The commands of the shop; `make help` lists them. They need Python 3.11 or newer, its venv module, make and git.

PYTHON ?= python3
IN_VENV = .venv/bin/python
SHOP = $(IN_VENV) -m config.run
PATHS = site catalog commerce blog search translation editorial scripts manage.py
export PYTHONPATH := $(CURDIR)/site:$(CURDIR)
export PYTHONUNBUFFERED := 1

# A production environment with made-up secrets, for checks that only load the settings.
PRODUCTION = STORE_DEMO=0 DEBUG=0 BASE_URL=https://shop.example ALLOWED_HOSTS=shop.example TRUSTED_PROXIES=10.0.0.1 \
	SECRET_KEY=only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz-ABC DATABASE_URL=postgresql://localhost/nowhere \
	REDIS_URL=redis://localhost:1/0 STRIPE_SECRET_KEY=sk_live_check STRIPE_WEBHOOK_SECRETS=whsec_check \
	STRIPE_API_BASE= GATEWAY_PUBLIC_BASE= EMAIL_URL=smtp://localhost:25

.DEFAULT_GOAL := help
.PHONY: help setup setup-test run dev test validate lint format messages migrations lock seed shell manage backup restore reset clean image bench-newsletter bench-search bench-facets bench-checkout races faults soak

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## Start the whole shop as in production, with demo content; PORT=8000 HOST=127.0.0.1
	@VITRINE_RUN="$(CURDIR)" exec $(SHOP) run

dev: setup-test ## Start it for development: autoreload, debug toolbar, readable errors
	@VITRINE_RUN="$(CURDIR)" exec $(SHOP) dev

test: setup-test ## Run the whole suite; ARGS="-k cart -x" chooses
	@exec $(IN_VENV) -m pytest -n auto $(ARGS)

validate: setup-test ## Validate every public page of the whole demo, in every language (the suite leaves out repetitions)
	@EVERY_PRODUCT=1 $(IN_VENV) -m pytest tests/markup -n0 -rP $(ARGS)

races: setup-test ## Race 64 buyers at once over HTTP, with every guard and without it; ARGS="--runs 10 --only coupon"
	@exec $(IN_VENV) -m tests.races $(ARGS)

bench-newsletter: setup-test ## Send a newsletter to 10,000 and kill its worker twice; ARGS="--subscribers 500"
	@exec $(IN_VENV) -m tests.bench.newsletter $(ARGS)

bench-checkout: setup-test ## Place 1,024 orders, 64 at once: how long buyers wait; ARGS="--waves 157"
	@exec $(IN_VENV) -m tests.bench.checkout $(ARGS)

bench-search: setup-test ## Measure what the search understands; ARGS="--rows 100000": how fast it is in a large shop
	@exec $(IN_VENV) -m tests.bench.search $(ARGS)

bench-facets: setup-test ## Measure filters and orders of a category of 10,000 products; ARGS="--products 50000"
	@exec $(IN_VENV) -m tests.bench.facets $(ARGS)

faults: setup-test ## Kill and hang every service under real purchases, print the figures; ARGS="redis_gone" chooses
	@exec $(IN_VENV) -m tests.faults $(ARGS)

soak: setup-test ## 1,000 paid orders in a storm of kills and lost events; ARGS="--orders 100 --seed 7"
	@exec $(IN_VENV) -m tests.faults.soak $(ARGS)

lint: setup-test ## Check style, types, templates, import arrows, migrations and production settings
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .
	@$(PRODUCTION) $(IN_VENV) -m mypy $(PATHS)
	@$(IN_VENV) -m djlint --check --lint --quiet templates
	@.venv/bin/lint-imports
	@for file in site/__init__.py locale/__init__.py; do \
		if [ -e $$file ]; then echo "Remove $$file: it hides a module of the standard library."; exit 1; fi; done
	@$(SHOP) manage makemigrations --check --dry-run
	@$(PRODUCTION) $(IN_VENV) manage.py check --deploy --fail-level WARNING

format: setup-test ## Format Python and templates
	@$(IN_VENV) -m ruff check --fix --select I .
	@$(IN_VENV) -m ruff format .
	@-$(IN_VENV) -m djlint --reformat --quiet templates

messages: setup-test ## Collect texts for the translators into locale/ (needs GNU gettext)
	@$(PRODUCTION) $(IN_VENV) manage.py makemessages --locale de --locale ar --no-obsolete --add-location file \
		--ignore .venv --ignore var --ignore tests

migrations: setup-test ## Write migrations for changed models
	@$(SHOP) manage makemigrations

lock: setup-test ## Compile the pinned requirements from the .in files
	@for set in requirements requirements-dev; do .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $$set.in -o $$set.txt; done

seed: setup ## Add what is missing of the demo content
	@$(SHOP) manage seed_demo

shell: setup ## Open a Python shell in the shop
	@$(SHOP) manage shell

manage: setup ## Run a manage.py command: make manage ARGS="showmigrations"
	@$(SHOP) manage $(ARGS)

backup: setup ## Save database and uploaded files in one file; FILE=shop.tar (default: below var/backups/)
	@$(SHOP) backup $(FILE)

restore: setup ## Bring a backup back into an empty shop; FILE=shop.tar, FORCE=1 replaces what is there
	@FORCE="$(FORCE)" $(SHOP) restore $(FILE)

reset: setup ## Delete all data of this checkout (asks; FORCE=1 does not)
	@FORCE="$(FORCE)" $(SHOP) reset

clean: ## Delete the virtual environment, caches and collected static files; data stays
	@rm -rf .venv var/static var/static.stamp .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

image: ## Build the production image with Docker or Podman; TAG=vitrine
	@$$(command -v docker || command -v podman) build -t $(or $(TAG),vitrine) .

setup:
	@$(PYTHON) scripts/setup.py

setup-test:
	@$(PYTHON) scripts/setup.py test
