# The front doors of NetRNG. Everything else is plain Maven.
#
#   make demo      server and client on this machine, with its real device and a real rngd
#   make test      every test, as CI runs them
#   make fuzz      looks for inputs that break the decoder or a session, SECONDS=600 for each of the two
#   make bench     the benchmark; writes netrng-bench/target/bench/results.json (ONLY="throughput pieces" for some)
#   make simulate  a site of 1,000 servers and a million clients in virtual time; draws docs/simulation.svg
#   make docs      writes the tables of docs/configuration.md and of the chart from the code
#   make packages  Debian packages of both apps, for machines such as this one
#   make chart     packs the Helm chart into target/chart
#   make image     builds the images netrng-server and netrng-client with buildah
#   make dist      a release in target/dist: jars, packages, images, chart, bill of materials, checksums
#   make reproducible  makes a release twice from what is committed, and compares
#   make certs     certificates for TLS: make certs SERVER="rng.home.arpa 192.0.2.10" CLIENTS="web-1 web-2" DIR=certs
#   make format    formats the sources as the build demands

SHELL := /bin/bash
JAVA_HOME := $(shell scripts/find-jdk)
export JAVA_HOME

DIR := certs
SERVER := localhost 127.0.0.1
CLIENTS := client
SECONDS := 600

MVN := mvn --batch-mode --no-transfer-progress

.PHONY: help demo test fuzz bench simulate docs packages image chart dist reproducible certs format jars packaged tools jdk

help:
	@sed -n 's/^#   //p' Makefile

demo: jars
	@scripts/demo

test: tools
	$(MVN) verify

fuzz: jdk
	@scripts/need mvn:maven
	$(MVN) package -pl netrng-server-app -am -Dtest='*FuzzTest' -Dfuzz.duration=$(SECONDS)s

bench: tools
	@scripts/need ss:iproute2
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests
	@scripts/bench $(ONLY)

simulate: jdk
	@scripts/need mvn:maven
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests
	@scripts/simulate

docs: jdk
	@scripts/need mvn:maven
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests
	@scripts/docs

packages: packaged
	@ls netrng-packaging/target/*.deb

image: packaged
	@scripts/need buildah:buildah mmdebstrap:mmdebstrap
	@scripts/image

dist: image
	@scripts/dist
	@ls -l target/dist

chart:
	@scripts/chart

reproducible: jdk
	@scripts/reproducible

certs:
	@scripts/certs "$(DIR)" "$(SERVER)" $(CLIENTS)

format: jdk
	$(MVN) --quiet spotless:apply

jars: jdk
	@scripts/need mvn:maven rngd:rng-tools5 curl:curl
	@echo "Building NetRNG (the first time takes a few minutes) ..."
	@$(MVN) --quiet package -DskipTests -pl netrng-server-app,netrng-client-app -am

packaged: jdk
	@scripts/need mvn:maven
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests -pl netrng-packaging -am

tools: jdk
	@scripts/need mvn:maven rngd:rng-tools5 curl:curl ip:iproute2 iperf3:iperf3 strace:strace openssl:openssl ent:ent \
	  chromium:chromium chromedriver:chromium-driver prometheus:prometheus node:nodejs npm:npm unzip:unzip \
	  mmdebstrap:mmdebstrap buildah:buildah podman:podman runc:runc lintian:lintian shellcheck:shellcheck dash:dash

jdk:
	@test -n "$(JAVA_HOME)" || { echo "NetRNG needs a JDK 25 and found none: install one (openjdk-25-jdk, or Temurin 25) or set JAVA_HOME to it." >&2; exit 1; }
