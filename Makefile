# MachineRoom. `make demo` shows it, `make check` proves it; both, and `make deb`, install what is missing first.
#
#   make [all]         build into build/bin          make deps     install what building and testing need
#   make check         build and run every test      make check-labs  the same, labs installed first
#   make bench         measure against its peers     make fuzz     every fuzzer for SECONDS=60
#   make install       into DESTDIR/PREFIX           make dist     a tarball of what is committed
#   make deb           a Debian package in build     make html     the manual in build/html
#   make coverage      which lines tests reach       make analyze  cppcheck and clang-tidy
#   make soak          MINUTES=30 of work and faults on SERVERS=500; SEED=N repeats one
#
# V=1 shows commands; WERROR=1 makes warnings errors; ONLY=exec checks only what is named so;
# SANITIZE=address,undefined builds into build/san, beside the ordinary build.

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
CFLAGS ?= -O2 -g
SANITIZE ?=
SECONDS ?= 60
B := $(if $(SANITIZE),build/san,build)
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $1	$@")
comma := ,

# Libraries: pkg-config knows them all. A libssh2 that is too old gives way to our own build of a newer one.
# Each is looked up once, when it is first wanted: `make deps all` finds what deps installed.
once = $(eval $1 := $2)$($1)
PACKAGES := libuv sqlite3 inih jansson smartcols libsodium ncursesw libedit zlib libcrypto
OWN_SSH2 := $(shell pkg-config --atleast-version=1.11.1 libssh2 2>/dev/null || echo build/deps)
SSH2_CFLAGS := $(if $(OWN_SSH2),-isystem build/deps/include,$(shell pkg-config --cflags libssh2))
SSH2_LIBS := $(if $(OWN_SSH2),build/deps/lib/libssh2.a,$(shell pkg-config --libs libssh2))
PACKAGE_CFLAGS = $(call once,PACKAGE_CFLAGS,$(SSH2_CFLAGS) $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))
PACKAGE_LIBS = $(call once,PACKAGE_LIBS,$(SSH2_LIBS) $(shell pkg-config --libs $(PACKAGES) 2>/dev/null))

# A library that a tool does not use is not loaded by it (--as-needed): the dispatcher starts with libc alone.
ELF := $(filter-out Darwin,$(shell uname -s))
WARN := -Wall -Wextra -Wshadow -Wconversion -Wvla $(if $(WERROR),-Werror)
DEFINE := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -D_DARWIN_C_SOURCE -DMROOM_VERSION='"$(VERSION)"'
HARDEN := $(if $(SANITIZE)$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) \
	-fstack-protector-strong -fPIE
CHECKED := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
COMPILE := -std=c17 -I. -include lib/base/banned.h $(DEFINE) $(WARN) $(HARDEN) $(CHECKED)
LINK := $(CHECKED) $(if $(ELF),-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now -Wl$(comma)--as-needed)

objects = $(patsubst %.c,$B/obj/%.o,$(wildcard $1))
LIB := $B/lib/libmroom.a
LIB_OBJECTS := $(call objects,lib/*/*.c)
TOOLS := $(patsubst cmd/%/,%,$(sort $(dir $(wildcard cmd/*/*.c))))
BINS := $(patsubst mroom-mroom,mroom,$(TOOLS:%=mroom-%))
BINS := $(BINS:%=$B/bin/%)
SCRIPTS := $(patsubst cmd/demo/%,$B/bin/%,$(wildcard cmd/demo/mroom-*))
UNITS := $(patsubst %.c,$B/%,$(wildcard tests/unit/*.c))
FUZZERS := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/*.c))
OBJECTS := $(LIB_OBJECTS) $(call objects,cmd/*/*.c tests/unit/*.c tests/fuzz/*.c)

# The targets that install what is missing call make again for the rest: libraries are looked up at the start.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))
again = $(Q)$(MAKE) --no-print-directory $(JOBS)

.PHONY: all deps demo check check-labs bench soak fuzz install uninstall dist deb html coverage analyze clean needs tests fuzzers FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BINS) $(SCRIPTS)

deps:
	$(Q).ci/deps build demo test

demo:
	$(Q).ci/deps build demo
	$(again) all
	$(Q)PATH="$(CURDIR)/$B/bin:$$PATH" tests/lib/demo

check:
	$(Q).ci/deps build demo test
	$(again) tests
	$(Q)BUILD="$(CURDIR)/$B" .ci/check $(ONLY)

check-labs:
	$(Q).ci/deps build demo test labs
	$(again) tests
	$(Q)BUILD="$(CURDIR)/$B" .ci/check $(ONLY)

bench:
	$(Q).ci/deps build demo bench
	$(again) all
	$(Q)for bench in exec copy health; do PATH="$(CURDIR)/$B/bin:$$PATH" tests/bench/$$bench || exit; done

# MINUTES, SERVERS, WORKERS and SEED may be given here or in the environment.
soak:
	$(Q).ci/deps build demo test
	$(again) all
	$(Q)MROOM_TEST_BIN="$(CURDIR)/$B/bin" tests/soak/soak

fuzz:
	$(Q).ci/deps build fuzz
	$(again) fuzzers CC=clang SANITIZE=fuzzer-no-link,address,undefined B=build/fuzz
	$(Q).ci/fuzz build/fuzz/tests/fuzz $(SECONDS)

tests: all $(UNITS)
fuzzers: $(FUZZERS)

needs:
	$(Q).ci/deps --check build || { echo "run: make deps" >&2; exit 1; }

# Whatever changes the commands makes everything anew.
$B/flags: FORCE | needs
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(COMPILE) $(PACKAGE_CFLAGS) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS))' >$@.new
	@cmp -s $@ $@.new && rm $@.new || mv $@.new $@

$B/obj/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMPILE) $(PACKAGE_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJECTS)
	$(call say,AR)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

link = $(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PACKAGE_LIBS)

# One program for each folder of cmd/.
define tool
$B/bin/$(if $(filter mroom,$1),mroom,mroom-$1): $(call objects,cmd/$1/*.c) $(LIB)
endef
$(foreach name,$(TOOLS),$(eval $(call tool,$(name))))
$(BINS):
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(link)

# Tools that are sh.
$(SCRIPTS): $B/bin/%: cmd/demo/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(UNITS): $B/tests/unit/%: $B/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(link)

$(FUZZERS): $B/tests/fuzz/%: $B/obj/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(link) -fsanitize=fuzzer

install: all
	$(Q).ci/install install "$(DESTDIR)$(PREFIX)" $B/bin

uninstall:
	$(Q).ci/install uninstall "$(DESTDIR)$(PREFIX)" $B/bin

dist:
	$(Q)git archive --prefix=mroom-$(VERSION)/ -o mroom-$(VERSION).tar.gz HEAD
	$(call say,mroom-$(VERSION).tar.gz)

# A package that needs only Debian's own; what it holds is what make install puts in place.
deb:
	$(Q).ci/deps build deb
	$(again) all
	$(Q).ci/deb $B/bin $(VERSION) build

html:
	$(Q).ci/html build/html

# Built beside the ordinary build, and run by every test or those that ONLY names.
coverage:
	$(Q).ci/deps build demo test coverage
	$(again) tests B=build/cov CFLAGS='-O0 -g --coverage'
	$(Q)BUILD="$(CURDIR)/build/cov" MROOM_TEST_QUICK=1 .ci/check $(ONLY) || echo "make: tests failed; the report holds for what ran"
	$(Q)gcovr --root . --object-directory build/cov/obj --filter lib/ --gcov-ignore-parse-errors \
		--exclude-unreachable-branches --print-summary --txt build/cov/report.txt
	$(call say,build/cov/report.txt)

analyze:
	$(Q).ci/deps build analyze
	$(Q).ci/cppcheck
	$(Q).ci/tidy

# build/deps is kept: it is a download, not a product.
clean:
	$(Q)rm -rf build/bin build/flags build/fuzz build/lib build/obj build/san build/tests

-include $(OBJECTS:.o=.d)
