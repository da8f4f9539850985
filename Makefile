# For people. The build itself is CMake's: see CMakePresets.json and CONTRIBUTING.md.
PREFIX ?= /usr/local
DESTDIR ?=
VIDEO ?=
export PREFIX DESTDIR VIDEO

.PHONY: all demo check bench install format lint help clean

all: ## build the library and the program into build/release
	@scripts/build release

demo: ## judge a video: VIDEO=clip.mp4, or a clip rendered here
	@scripts/demo

check: ## build, run every test, print the counts
	@scripts/check release

bench: ## build and run the benchmarks
	@scripts/bench

install: ## install library, header, program and models (PREFIX, DESTDIR)
	@scripts/install

format: ## let clang-format rewrite the sources
	@scripts/format

lint: ## style, layers, format, second compiler, clang-tidy
	@scripts/lint

clean: ## remove every build
	rm -rf build

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile
