# `make` says what there is. Two targets are all that a clone needs: `make demo` and `make test`.

PYTHON ?= python3
# What `make lock` resolves with; `make lock UPGRADE=--upgrade` moves every pin to its newest version.
UPGRADE ?=
UV = build/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-config --no-annotate --quiet --custom-compile-command "make lock" $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help demo test test-spark explore format generate docs lambda release lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## apply the complete example to the embedded AWS and watch its journeys move
	@$(PYTHON) scripts/prepare.py demo
	@.venv/bin/python scripts/build_lambda.py
	@.venv/bin/python scripts/demo.py $(if $(KEEP),--keep)

test: ## check everything: formats, types, Terraform, generated files, all tests
	@$(PYTHON) scripts/prepare.py tests
	@.venv/bin/python scripts/check.py

test-spark: ## check what runs on Apache Spark, too: it is a large download, which `make test` does without
	@$(PYTHON) scripts/prepare.py spark
	@.venv/bin/python scripts/check.py spark

explore: ## try other random examples than `make test` does: SEED=7 says which, TIMES=20 how many
	@$(PYTHON) scripts/prepare.py tests
	@.venv/bin/python scripts/explore.py $(if $(SEED),--seed $(SEED)) $(if $(TIMES),--times $(TIMES))

format: ## put Python and Terraform files into their format
	@$(PYTHON) scripts/prepare.py tests
	@.venv/bin/ruff check --quiet --fix --exit-zero
	@.venv/bin/ruff format --quiet
	@terraform fmt -recursive

generate: ## write anew what is generated: the language's schema, the diagnostics' page, the files of the examples, the modules' READMEs
	@$(PYTHON) scripts/prepare.py tests
	@.venv/bin/choreography generate examples
	@.venv/bin/python scripts/generate.py

docs: ## build the documents as a site in build/site
	@$(PYTHON) scripts/build_docs.py

lambda: ## build the functions' zip
	@$(PYTHON) scripts/build_lambda.py

release: ## tag this commit as the version that pyproject.toml says, with the functions' zip; pushes nothing
	@$(PYTHON) scripts/release.py

lock: ## pin what pyproject.toml and package.json ask for, with hashes, in requirements/ and package-lock.json
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/pip install --quiet --disable-pip-version-check uv
	@$(UV) pyproject.toml --extra local --extra console --extra parquet --extra snappy --extra zstd --group development --output-file requirements/development.txt
	@$(UV) pyproject.toml --extra local --extra console --group build --constraint requirements/development.txt --output-file requirements/demo.txt
	@$(UV) --group installer --output-file requirements/uv.txt
	@$(UV) --group policies --output-file requirements/checkov.txt
	@$(UV) --group docs --output-file requirements/docs.txt
	@$(UV) --group boto3-oldest --output-file requirements/boto3-oldest.txt
	@$(UV) --group boto3-newest --output-file requirements/boto3-newest.txt
	@$(UV) pyproject.toml --extra spark --constraint requirements/development.txt --output-file requirements/spark.txt
	@$(UV) --group release --output-file requirements/release.txt
	@npm install --package-lock-only

clean: ## remove all that set-up, builds and tests made
	@rm -rf build .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis lambda_src/*.egg-info
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@find . \( -name .terraform -prune -o -name .terraform.lock.hcl \) -exec rm -rf {} +
