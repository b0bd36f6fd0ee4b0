# Entry points of NetRNG's build. All other tasks are plain Maven.
#
#   make demo      runs server and client with this machine's device and an rngd; installs packages
#   make check     checks the format, compiles, runs unit tests; 3 minutes, no root, no packages
#   make test      runs the tests, as in CI; installs 980 packages (5.4 GB): use a separate machine
#   make test-vm   runs the tests in virtual machines, also those that are too long for make test;
#                  6 minutes
#   make fuzz      fuzzes decoders, parameters and sessions, each for SECONDS (default 600)
#   make chaos     runs the failure drills with the default keepalive, 12 minutes; writes
#                  netrng-e2e/target/drills.txt (docs/failures.md)
#   make bench     runs the benchmark, or some parts (ONLY="throughput pieces");
#                  writes netrng-bench/target/bench/results.json
#   make simulate  simulates 1,000 servers and a million clients in virtual time;
#                  draws docs/internals/simulation.svg
#   make docs      generates the tables of docs/configuration.md and of the chart from the code
#   make screenshots  takes the picture in docs/images with the browser test
#   make packages  builds the Debian packages of both apps for this release and architecture,
#                  or for ARCH=arm64 with JMODS (docs/install.md)
#   make chart     packs the Helm chart into target/chart
#   make image     builds the images netrng-server, netrng-client and netrng-client-kernel with
#                  buildah
#   make dist      builds a release in target/dist: jars, packages, images, chart,
#                  bill of materials and checksums;
#                  with SIGNING_KEY (a gpg key), also signatures and an apt repository
#   make reproducible  builds a release twice from the committed source and compares both
#   make certs     creates certificates for TLS:
#                  make certs SERVER="rng.home.arpa 192.0.2.10" CLIENTS="web-1 web-2" DIR=certs
#   make format    formats the sources

SHELL := /bin/bash
# Evaluated for each recipe line, because an earlier line may have installed the JDK.
JAVA_HOME = $(shell scripts/find-jdk)
export JAVA_HOME

DIR := certs
SERVER :=
CLIENTS :=
SECONDS := 600
ARCH :=
JMODS :=
SIGNING_KEY :=
export SIGNING_KEY
export PACKAGES_ARCH = $(ARCH)
export PACKAGES_JMODS = $(JMODS)

MVN := mvn --batch-mode --no-transfer-progress

BUILD := jdk:openjdk-25-jdk-headless mvn:maven
DEMO := rngd:rng-tools5 curl:curl
# gencat stands for the headers of the C library, as a program of their package.
TEST := ip:iproute2 iperf3:iperf3 strace:strace openssl:openssl ent:ent chromium:chromium chromedriver:chromium-driver \
  prometheus:prometheus node:nodejs npm:npm unzip:unzip mmdebstrap:mmdebstrap buildah:buildah podman:podman runc:runc \
  lintian:lintian apt-ftparchive:apt-utils gpg:gpg gpg-agent:gpg-agent shellcheck:shellcheck dash:dash dpkg-shlibdeps:dpkg-dev \
  entropy_broker:entropybroker swtpm:swtpm socat:socat qemu-system-x86_64:qemu-system-x86 gcc:gcc gencat:libc6-dev softhsm2-util:softhsm2 pkcs11-tool:opensc dnsmasq:dnsmasq-base \
  nft:nftables faketime:faketime wget:wget pollinate:pollinate \
  /usr/lib/python3/dist-packages/requests:python3-requests /usr/lib/jvm/default-java/bin/java:default-jre-headless

.PHONY: help demo check test test-vm fuzz chaos bench simulate docs screenshots packages image chart dist reproducible certs format jars packaged tools build-tools

help:
	@sed -n 's/^#   //p' Makefile

demo:
	@scripts/demo --check
	@scripts/need --install $(BUILD) $(DEMO)
	@$(MAKE) --no-print-directory jars
	@scripts/demo

check: build-tools
	$(MVN) package -pl '!netrng-packaging' -DexcludedGroups=slow

test: tools
	$(MVN) verify

fuzz: build-tools
	$(MVN) package -pl netrng-server-app -am -Dtest='*FuzzTest' -Dfuzz.duration=$(SECONDS)s

test-vm: tools
	$(MVN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='GuestsIT,ClonedClientsIT*,EgdIT,ClientEgdIT' \
	  -Dfailsafe.failIfNoSpecifiedTests=false -Dlong.tests=none

chaos: tools
	$(MVN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='FailureDrillsIT*,DiscoveryIT,MdnsIT,TlsIT' \
	  -Dfailsafe.failIfNoSpecifiedTests=false -Ddrills.keepalive=10
	@cat netrng-e2e/target/drills.txt

bench: build-tools
	@scripts/need $(DEMO) iperf3:iperf3 ss:iproute2 swtpm:swtpm
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests
	@scripts/bench $(ONLY)

simulate: build-tools
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests
	@scripts/simulate

docs: build-tools
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests
	@scripts/docs

screenshots: tools
	$(MVN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=PageIT -Dfailsafe.failIfNoSpecifiedTests=false
	cp netrng-e2e/target/screenshots/page-1280-light-3.png docs/images/page.png

packages: packaged
	@ls netrng-packaging/target/$(ARCH)/*.deb

image: packaged
	@scripts/need buildah:buildah mmdebstrap:mmdebstrap
	@scripts/image

dist: image
	$(if $(SIGNING_KEY),@scripts/need apt-ftparchive:apt-utils gpg:gpg gpg-agent:gpg-agent)
	@scripts/dist
	@ls -l target/dist

chart:
	@scripts/chart

reproducible: build-tools
	@scripts/reproducible

certs:
	@scripts/certs "$(DIR)" "$(SERVER)" $(CLIENTS)

format: build-tools
	$(MVN) --quiet spotless:apply

jars: build-tools
	@echo "Building NetRNG (the first time takes a few minutes) ..."
	@$(MVN) --quiet package -DskipTests -pl netrng-server-app,netrng-client-app,netrng-cli -am

packaged: build-tools
	@echo "Building NetRNG ..."
	@$(MVN) --quiet package -DskipTests -pl netrng-packaging -am $(if $(ARCH),-Dpackages.directory='$(CURDIR)/netrng-packaging/target/$(ARCH)')

tools:
	@scripts/need --install $(BUILD) $(DEMO) $(TEST)

build-tools:
	@scripts/need $(BUILD)
