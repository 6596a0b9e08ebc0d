# MachineRoom. `make demo` shows it, `make check` proves it; both install what is missing first.
#
#   make [all]        build into build/bin            make deps     install what the build needs
#   make check        build and run every test        make check-labs  the same, labs installed first
#   make bench fuzz   measure; fuzz for SECONDS=60    make install  PREFIX=/usr/local DESTDIR=
#
# V=1 shows commands; WERROR=1 makes warnings errors; SANITIZE=address,undefined builds into build/san.

VERSION = 0.1.0
, := ,
PREFIX ?= /usr/local
SECONDS ?= 60
B := $(if $(SANITIZE),build/san,build)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$@';)

PKGS := sqlite3 libuv jansson smartcols libsodium ncursesw zlib libcrypto
SSH2 := $(wildcard build/deps/lib/libssh2.a)
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) $(if $(SSH2),,libssh2) 2>/dev/null) \
	$(if $(SSH2),-isystem build/deps/include)
PKG_LIBS = $(if $(SSH2),$(SSH2),$(shell pkg-config --libs libssh2 2>/dev/null)) \
	$(shell pkg-config --libs $(PKGS) 2>/dev/null) -linih

CFLAGS ?= -O2 -g
HARDEN := $(if $(SANITIZE),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIE
ELF := $(filter-out Darwin,$(shell uname -s))
LDHARDEN := $(if $(ELF),-pie -Wl$(,)-z$(,)relro$(,)-z$(,)now -Wl$(,)--as-needed)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wvla $(if $(WERROR),-Werror)
SAN := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
DEFINE := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -D_DARWIN_C_SOURCE -DMROOM_VERSION='"$(VERSION)"'
COMPILE = $(CC) -std=c17 -I. -include lib/base/banned.h $(DEFINE) $(PKG_CFLAGS) $(WARN) $(HARDEN) \
	$(CFLAGS) $(SAN) -MMD -MP

LIB := $(B)/lib/libmroom.a
LIB_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard lib/*/*.c))
TOOLS := $(notdir $(patsubst %/,%,$(dir $(wildcard cmd/*/main.c))))
BINS := $(foreach t,$(TOOLS),$(B)/bin/$(if $(filter mroom,$(t)),mroom,mroom-$(t)))
UNITS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
MAN := $(wildcard man/*.[1-8])

.PHONY: all deps needs demo check check-labs bench fuzz units fuzzers install uninstall dist clean
.SECONDEXPANSION:
.DELETE_ON_ERROR:

all: needs
	$(Q)$(MAKE) --no-print-directory build-all

.PHONY: build-all
build-all: $(BINS)

deps:
	$(Q)sh .ci/deps

needs:
	@sh .ci/deps --look || { echo 'something is missing: run make deps' >&2; exit 1; }

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -c $< -o $@

$(LIB): $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

link = $(CC) $(CFLAGS) $(SAN) $(LDHARDEN) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(PKG_LIBS)

$(B)/bin/mroom: $(patsubst %.c,$(B)/obj/%.o,$(wildcard cmd/mroom/*.c)) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(link)

$(B)/bin/mroom-%: $$(addprefix $(B)/obj/,$$(addsuffix .o,$$(basename $$(wildcard cmd/$$*/*.c)))) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(link)

$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(link)

.PRECIOUS: $(B)/obj/%.o
units: $(UNITS)

# Fuzzers take the real .c files, built by clang with its own coverage.
build/fuzz/%: tests/fuzz/%.c $(wildcard lib/*/*.c lib/*/*.h)
	@mkdir -p $(@D)
	$(call say,FUZZ)clang -std=c17 -I. -include lib/base/banned.h $(DEFINE) $(PKG_CFLAGS) -O1 -g \
		-fsanitize=fuzzer$(,)address$(,)undefined -fno-sanitize-recover=undefined -o $@ $< \
		$$(sh .ci/fuzz-sources $<) $(PKG_LIBS)
fuzzers: $(FUZZERS)

fuzz: deps
	$(Q)$(MAKE) --no-print-directory fuzzers
	$(Q)SECONDS_EACH=$(SECONDS) sh tests/fuzz/run $(FUZZERS)

demo: deps
	$(Q)$(MAKE) --no-print-directory build-all
	$(Q)MROOM_BIN=$(B)/bin sh tests/lib/demo

check: deps
	$(Q)$(MAKE) --no-print-directory build-all units
	$(Q)MROOM_BUILD=$(B) sh tests/run

check-labs: deps
	$(Q)sh .ci/deps --labs
	$(Q)$(MAKE) --no-print-directory build-all units
	$(Q)MROOM_BUILD=$(B) MROOM_LABS=1 sh tests/run

bench: deps
	$(Q)$(MAKE) --no-print-directory build-all
	$(Q)MROOM_BIN=$(B)/bin bash tests/bench/exec

install: build-all
	$(Q)sh .ci/install install "$(DESTDIR)" "$(PREFIX)" $(B)/bin

uninstall:
	$(Q)sh .ci/install uninstall "$(DESTDIR)" "$(PREFIX)" $(B)/bin

dist:
	$(Q)git archive --prefix=mroom-$(VERSION)/ -o mroom-$(VERSION).tar.gz HEAD

clean:
	$(Q)rm -rf build/obj build/lib build/bin build/tests build/fuzz build/san

-include $(shell test -d $(B)/obj && find $(B)/obj -name '*.d')
