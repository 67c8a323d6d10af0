# SPDX-License-Identifier: GPL-2.0-or-later
#
# make                 build/mpath-boot (static) and build/mpath-snapshot (dynamic)
# make check           everything a machine can tell in minutes: unit tests, fuzz seeds, hooks, User-Mode Linux boots, QEMU boots
# make check-vm        boots of three Debian suites with each init and initramfs builder, as a table: hours. ROWS="trixie gap": only these; see tests/vm/matrix
# make check-iscsi     whole boots with portals that refuse, hang, come late or go away, with both builders: tests/vm/run-iscsi
# make chaos           N= SEED= STACK=ours|stock|both: boots with faults at random moments; see docs/reliability.md
# make check-parity    maps of three versions of multipath-tools against ours for 300 configurations each, and their hand-over; PARITY_SUITES=trixie
# make check-packages  the Debian packages built and tested (autopkgtest) on three suites: tests/suites.sh; PACKAGE_SUITES=trixie
# make bench           mpath-boot and the distribution's multipath-tools side by side; QUICK=1: in two minutes; see docs/performance.md
# make bench-boots     whole boots, ours and the distribution's in turns: when root is mounted and multipathd ready, and bytes of initramfs
# make demo            boot a VM whose root is on two-path iSCSI, and show its timeline
# make tidy            what clang-tidy says of the sources; see .clang-tidy
# make deb             Debian packages, in build/packages, and what lintian says of them; make rpm: RPMs, for dracut
# make install         DESTDIR= PREFIX=/usr
#
# CHECKERS="tur directio" PRIOS="alua sysfs"    only these are built in, with none and const, which always are; default: all in checkers/ and prio/
# PLUGINS=shared       the dynamic flavour in build/shared: the same program, and one shared object per checker and prioritizer
# EXTRA="foo.c bar.o"  extensions of others (src/extension.h) to be linked in
# LIBC=glibc           static glibc instead of musl
# SAN=1                address and undefined behaviour sanitizers (dynamic glibc, own build directory)
# V=1                  show commands
# INSTALL_STRIP=       install programs with their symbols; default: -s, what install(1) takes
# LIBAIO=…/libaio.a LIBAIO_CFLAGS=-I…    a static libaio of the distribution's instead of our own build of its source package

comma := ,
PREFIX ?= /usr
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
MANDIR ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
PLUGIN_DIR ?= $(LIBDIR)/mpath-boot
PKGCONFIGDIR ?= $(PREFIX)/share/pkgconfig
VERSION := $(shell sed -n 's/^\#define MPATH_VERSION "\(.*\)"/\1/p' src/util.h)
UNITDIR ?= $(PREFIX)/lib/systemd/system
INITRAMFS_TOOLS ?= $(PREFIX)/share/initramfs-tools
DRACUT ?= $(LIBDIR)/dracut
INSTALL_STRIP ?= -s

LIBC ?= musl
SHARED := $(filter shared,$(PLUGINS))
B := build$(if $(SAN),/san)$(if $(SHARED),/shared)$(if $(filter glibc,$(LIBC)),$(if $(SAN),,/glibc))
CACHE := build/cache
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

WARN := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wmissing-prototypes -Wswitch-enum $(if $(WERROR),-Werror)
CFLAGS ?= $(if $(SAN),-O1 -g,-Os)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -I$(B)/gen -MMD -MP \
	$(if $(SHARED),-fPIC -DPLUGINS_SHARED) \
	$(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer) $(CPPFLAGS) $(CFLAGS)
HOST_CC ?= cc

# Kernel headers for musl-gcc, which is -nostdinc: links to the host's, nothing else of glibc's.
KHDR := $(CACHE)/khdr
ifeq ($(LIBC)$(SAN)$(SHARED),musl)
STATIC_CC ?= musl-gcc -isystem $(KHDR)
KHDR_STAMP := $(KHDR)/.stamp
LAYOUT := src/claim.ld
else
STATIC_CC ?= $(HOST_CC)
endif
# All is bound at the start: whoever guards the root cannot look for a symbol, or for the page that has it, later.
LINK_FLAVOUR := $(if $(SHARED),-pie -Wl$(comma)-z$(comma)now$(comma)-z$(comma)relro$(comma)--dynamic-list=src/plugin-api.list,$(if $(SAN),,-static -Wl$(comma)-z$(comma)noseparate-code))
STATIC_LDFLAGS = $(LINK_FLAVOUR) $(if $(SAN),-fsanitize=address$(comma)undefined) -Wl,--gc-sections $(LDFLAGS)

AIO_DIR := $(CACHE)/$(if $(SHARED),shared,$(LIBC))
LIBAIO ?= $(AIO_DIR)/libaio.a
LIBAIO_CFLAGS ?= -I$(AIO_DIR)

# Checker none and prioritizer const stand in for those that are missing, so they are always there.
ALL_CHECKERS := $(patsubst checkers/%.c,%,$(wildcard checkers/*.c))
ALL_PRIOS := $(patsubst prio/%.c,%,$(wildcard prio/*.c))
CHECKERS ?= $(ALL_CHECKERS)
PRIOS ?= $(ALL_PRIOS)
# unknown NAMES,KNOWN,VARIABLE,KIND
unknown = $(if $(filter-out $(2),$(1)),$(error $(3): there is no $(4) "$(firstword $(filter-out $(2),$(1)))"; there are: $(sort $(2))))
$(call unknown,$(CHECKERS),$(ALL_CHECKERS),CHECKERS,checker)
$(call unknown,$(PRIOS),$(ALL_PRIOS),PRIOS,prioritizer)
BUILTIN_CHECKERS := $(sort none $(if $(SHARED),,$(CHECKERS)))
BUILTIN_PRIOS := $(sort const $(if $(SHARED),,$(PRIOS)))
SO := $(if $(SHARED),$(patsubst %,$(B)/plugins/checker-%.so,$(filter-out $(BUILTIN_CHECKERS),$(CHECKERS))) \
	$(patsubst %,$(B)/plugins/prio-%.so,$(filter-out $(BUILTIN_PRIOS),$(PRIOS))))

BOOT_SRC := $(wildcard src/*.c) $(BUILTIN_CHECKERS:%=checkers/%.c) $(BUILTIN_PRIOS:%=prio/%.c)
SHARED_SRC := src/blacklist.c src/conf.c src/snapshot.c src/sha256.c src/scsi.c src/device.c src/log.c src/buf.c src/sysroot.c src/cmdline.c \
	src/resolve.c src/bindings.c src/path-facts.c src/nvme.c src/table.c src/pattern.c src/rules.c \
	src/dm-mangle.c src/json.c src/shell-word.c src/extension-name.c src/event.c src/resident.c src/timeline.c src/seconds.c src/trust.c
TOOL_SRC := $(wildcard src/snapshot-tool/*.c)

BOOT_OBJ := $(BOOT_SRC:%.c=$(B)/static/%.o)
# Extension N gets the name that src/foreign.c has for slot N; a file without one is linked in for what it defines.
EXTRA_OBJ := $(foreach f,$(EXTRA),$(B)/extra/$(basename $(notdir $(f))).o)
TOOL_OBJ := $(TOOL_SRC:%.c=$(B)/dynamic/%.o) $(SHARED_SRC:%.c=$(B)/dynamic/%.o)
# For tests: everything of mpath-boot but main(), with the host's compiler.
KEEPER_TESTED := src/keeper/portal.c src/keeper/successor.c
TEST_LIB_OBJ := $(patsubst %.c,$(B)/dynamic/%.o,$(filter-out src/main.c,$(BOOT_SRC)) $(filter-out %/main.c,$(TOOL_SRC)) $(KEEPER_TESTED))

# iSCSI sessions from the initramfs to the real root: a program of its own, since it starts others, and what is preloaded into those.
KEEPER_OBJ := $(patsubst %.c,$(B)/static/%.o,$(filter-out %/private-socket.c,$(wildcard src/keeper/*.c)) src/cgroup.c src/log.c src/resident.c)
KEEPER := $(if $(SHARED),,$(B)/mpath-keeper $(B)/iscsi-private.so)

KIT := $(if $(SHARED)$(SAN),,$(B)/relink/relink)
.PHONY: all
all: $(B)/mpath-boot $(B)/mpath-snapshot $(SO) $(KIT) $(KEEPER)

$(B)/mpath-keeper: $(KEEPER_OBJ)
	$(call say,LINK,$@)
	$(Q)$(STATIC_CC) $(STATIC_LDFLAGS) -o $@ $^

# For the distribution's iscsid, so with the compiler of its libc, and no sanitizer.
$(B)/iscsi-private.so: src/keeper/private-socket.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 $(WARN) $(filter -g,$(CFLAGS)) -Os -fPIC -fno-stack-protector -shared -nostdlib -Wl,-z,now $(LDFLAGS) -o $@ $<

$(B)/mpath-boot: $(BOOT_OBJ) $(EXTRA_OBJ) $(LIBAIO) $(LAYOUT)
	$(call say,LINK,$@)
	$(Q)$(STATIC_CC) $(STATIC_LDFLAGS) $(LAYOUT:%=-Wl,-T,%) -Wl,-Map=$@.map -pthread -o $@ $(filter-out %.list %.ld,$^)

$(B)/mpath-snapshot: $(TOOL_OBJ)
	$(call say,LINK,$@)
	$(Q)$(HOST_CC) $(if $(SAN),-fsanitize=address$(comma)undefined) $(LDFLAGS) -o $@ $^ -ludev -ldevmapper

define extra_rule
$(B)/extra/$(basename $(notdir $(2))).o: $(2) FORCE $(KHDR_STAMP) | $(LIBAIO)
	$$(call say,EXTRA,$(2))
	$$(Q)mkdir -p $$(@D) $(B)/gen/include
	$$(Q)ln -sfn $(abspath src) $(B)/gen/include/mpath-boot
	$$(Q)$$(if $$(filter %.c,$(2)),$$(STATIC_CC) $$(ALL_CFLAGS) -I$(B)/gen/include -c -o $$@.in $(2),cp $(2) $$@.in)
	$$(Q)ld -r --defsym=mpath_boot_linked_$(1)=mpath_boot_extension -o $$@ $$@.in 2> $$@.messages || { grep -q mpath_boot_extension $$@.messages && mv $$@.in $$@; }
	$$(Q)rm -f $$@.in $$@.messages
endef
slots := 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
$(if $(word 17,$(EXTRA)),$(error EXTRA: more than 16 files))
$(foreach slot,$(slots),$(if $(word $(shell expr $(slot) + 1),$(EXTRA)),$(eval $(call extra_rule,$(slot),$(word $(shell expr $(slot) + 1),$(EXTRA))))))

# What "mpath-boot relink" needs on another machine.
PUBLIC_HEADERS := $(addprefix src/,extension.h checker.h prio.h probe-args.h path.h util.h device.h scsi.h nvme.h alua.h rtpg.h vendor-page.h prio-args.h pattern.h sysroot.h)
$(B)/relink/relink: $(B)/mpath-boot tools/relink.sh tools/relink-kit.sh tools/isoc23.c $(PUBLIC_HEADERS)
	$(call say,KIT,$(@D))
	$(Q)tools/relink-kit.sh $(@D) "$(STATIC_CC) $(STATIC_LDFLAGS) -pthread" $(BOOT_OBJ) $(LIBAIO)
	$(Q)mkdir -p $(@D)/include/mpath-boot && cp $(PUBLIC_HEADERS) $(@D)/include/mpath-boot/

# One source, two flavours: what a static build lists in a table is the one symbol that the loader looks for.
$(B)/plugins/checker-%.so: $(B)/static/checkers/%.o $(LIBAIO)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -shared -Wl,-z,now -Wl,--version-script=src/plugin-export.map -Wl,--defsym=mpath_boot_checker=checker_$* $(LDFLAGS) -o $@ $^

$(B)/plugins/prio-%.so: $(B)/static/prio/%.o $(LIBAIO)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -shared -Wl,-z,now -Wl,--version-script=src/plugin-export.map -Wl,--defsym=mpath_boot_prio=prio_$* $(LDFLAGS) -o $@ $^

$(B)/static/%.o: %.c $(KHDR_STAMP) | $(LIBAIO)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(STATIC_CC) $(ALL_CFLAGS) $(if $(SAN)$(SHARED),,-fno-pie) $(LIBAIO_CFLAGS) -c -o $@ $<

$(B)/dynamic/%.o: %.c | $(LIBAIO)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) $(ALL_CFLAGS) $(LIBAIO_CFLAGS) -c -o $@ $<

$(KHDR)/.stamp:
	$(Q)mkdir -p $(KHDR)
	$(Q)ln -sfn /usr/include/linux $(KHDR)/linux
	$(Q)ln -sfn /usr/include/asm-generic $(KHDR)/asm-generic
	$(Q)ln -sfn /usr/include/mtd $(KHDR)/mtd
	$(Q)ln -sfn "$$(dirname "$$(echo '#include <asm/types.h>' | $(HOST_CC) -E - | sed -n 's/.*"\(.*\/asm\/types.h\)".*/\1/p' | head -1)")" $(KHDR)/asm
	$(Q)touch $@

# The const tables of src/checker.c and src/prio.c. Written anew only when the choice has changed, so that what depends on it is, too.
$(B)/gen/builtin.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '/* made by the Makefile; EXTRA=$(EXTRA) */' '#define BUILTIN_CHECKERS(X) $(foreach n,$(BUILTIN_CHECKERS),X($(n)))' \
		'#define BUILTIN_PRIOS(X) $(foreach n,$(BUILTIN_PRIOS),X($(n)))' > $@.new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(B)/gen/plugin-dir.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '#define PLUGIN_DIR "$(PLUGIN_DIR)"' > $@.new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(foreach dir,static dynamic,$(B)/$(dir)/src/plugin.o $(B)/$(dir)/src/command-relink.o) $(B)/dynamic/src/snapshot-tool/extension-try.o: | $(B)/gen/plugin-dir.h
$(foreach dir,static dynamic,$(B)/$(dir)/src/checker.o $(B)/$(dir)/src/prio.o): | $(B)/gen/builtin.h
.PHONY: FORCE
.SECONDARY: # objects of plugins stay

# libaio from the distribution's source package: a second's work, once.
$(AIO_DIR)/libaio.a: tools/build-libaio.sh $(KHDR_STAMP)
	$(call say,BUILD,$@)
	$(Q)CC="$(STATIC_CC)$(if $(SHARED), -fPIC)" sh tools/build-libaio.sh $(CACHE)/src $(@D)

$(if $(SHARED),$(B)/mpath-boot: src/plugin-api.list)

-include $(BOOT_OBJ:.o=.d) $(KEEPER_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(TEST_LIB_OBJ:.o=.d)

# ---- tests -------------------------------------------------------------------------------------------------------

TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test-*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz-*.c))

$(B)/libtest.a: $(TEST_LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/tests/%: tests/%.c $(B)/libtest.a $(LIBAIO)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) $(LIBAIO_CFLAGS) -Isrc -o $@ $(filter %.c,$^) $(B)/libtest.a -Wl,--gc-sections -lcmocka -ludev -ldevmapper -laio -pthread

# A device of our own making, for these and, preloaded, for multipath (tests/vm/uml/stock-probes.sh).
$(B)/tests/test-checkers $(B)/tests/test-prios $(B)/tests/test-path-facts: tests/fake-target.c tests/fake-target.h tests/fake-probe.h
$(B)/fake-ioctl.so: tests/vm/uml/fake-ioctl.c tests/fake-target.c tests/fake-target.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 $(WARN) -O1 -shared -fPIC -o $@ $(filter %.c,$^)

$(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/main.c $(B)/libtest.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -Isrc -o $@ $< tests/fuzz/main.c $(B)/libtest.a -Wl,--gc-sections -ludev -ldevmapper -laio -pthread

# Coverage-guided, with clang's libFuzzer: our code is compiled for it once, and two targets run at a time.
F := build/libfuzzer
FUZZ_SECONDS ?= 60
FUZZ_SRC := $(filter-out src/main.c src/command-%,$(BOOT_SRC)) $(filter-out %/main.c,$(TOOL_SRC)) $(KEEPER_TESTED)
FUZZ_OBJ := $(FUZZ_SRC:%.c=$(F)/%.o)
LIBFUZZERS := $(patsubst tests/fuzz/%.c,$(F)/%,$(wildcard tests/fuzz/fuzz-*.c))
FUZZ_CC := clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fno-sanitize-recover=undefined -ffunction-sections -Isrc -I$(B)/gen -MMD -MP $(LIBAIO_CFLAGS)
.PHONY: fuzz
$(F)/%.o: %.c $(B)/gen/builtin.h $(B)/gen/plugin-dir.h | $(AIO_DIR)/libaio.a
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

$(F)/libfuzzed.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(LIBFUZZERS): $(F)/%: tests/fuzz/%.c $(F)/libfuzzed.a
	$(call say,CC,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.c %.a,$^) -Wl,--gc-sections -ludev -ldevmapper -laio -pthread

fuzz: $(LIBFUZZERS)
	$(Q)printf '%s\n' $^ | xargs -P 2 -I{} tests/fuzz/run {} $(FUZZ_SECONDS)

-include $(FUZZ_OBJ:.o=.d) $(LIBFUZZERS:=.d)

# Extensions for tests of the dynamic flavour: a good one, and some that misbehave.
EXT := $(addprefix $(B)/ext/,example.so trouble.so start-null.so start-hang.so other-abi.so)
ext_flags = $(if $(filter start-%,$(1)),-DTROUBLE_AT_START='"$(1:start-%=%)"') $(if $(filter other-abi,$(1)),-DTROUBLE_ABI)
$(B)/ext/example.so: docs/example-plugin/example.c
$(filter-out %/example.so,$(EXT)): tests/extensions/trouble.c
$(EXT): $(PUBLIC_HEADERS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)/include && ln -sfn $(abspath src) $(@D)/include/mpath-boot
	$(Q)$(HOST_CC) -Os -Wall -I$(@D)/include -fPIC -shared -Wl,-z,now $(call ext_flags,$(basename $(@F))) -o $@ $(filter %.c,$^)
# The dynamic program, looking for its plugins where they were built.
$(abspath $(B))/trial: $(B)/mpath-boot
	$(Q)echo '#define PLUGIN_DIR "$(abspath $(B))/plugins"' > $(B)/gen/trial-dir.h
	$(Q)$(HOST_CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -include $(B)/gen/trial-dir.h -c -o $(B)/trial.o src/plugin.c
	$(Q)$(HOST_CC) $(STATIC_LDFLAGS) -pthread -o $@ $(filter-out %/src/plugin.o,$(BOOT_OBJ)) $(B)/trial.o $(LIBAIO)
.PHONY: extensions
extensions: $(EXT)

.PHONY: chaos tests fuzzers check-unit check check-iscsi check-uml check-vm check-packages check-parity demo bench bench-boots size
tests: $(TESTS) $(B)/fake-ioctl.so $(B)/meter $(B)/activate $(B)/fsdown $(B)/deafen $(B)/swapout
fuzzers: $(FUZZERS)

check-unit: all tests fuzzers
	$(Q)sh tests/run-unit.sh $(B)

check-uml: all $(B)/fake-ioctl.so $(B)/meter $(B)/activate $(B)/fsdown $(B)/deafen $(B)/swapout
	$(Q)tests/vm/uml/run-all

# ROWS="trixie gap": only those boots of the matrix (tests/vm/matrix -l lists them)
check-vm: all
	$(Q)cd tests/vm && status=0; $(if $(ROWS),,./run-qemu kernel/*.sh boot-refresh || status=1;) ./matrix $(ROWS) || status=1; exit $$status

# CASES="gap four": only those (tests/vm/boot-iscsi list)
check-iscsi: all
	$(Q)tests/vm/run-iscsi -w initramfs-tools -w dracut $(CASES)

# A quarter of an hour on an idle machine
PARITY_SUITES ?= bookworm trixie testing
check-parity: all
	$(Q)tests/parity/run $(PARITY_SUITES:%=-s %) -n 50 named handover handover-1 1 2 3 4 5 6

# Half an hour
PACKAGE_SUITES ?= bookworm trixie testing
check-packages:
	$(Q)tests/suites.sh $(PACKAGE_SUITES)

# N boots with faults at random moments, from seed SEED on, JOBS at a time; STACK=both: the same ones with the distribution's tools, too
N ?= 100
SEED ?= 1
STACK ?= ours
JOBS ?= 2
chaos: all $(B)/deafen $(B)/vtime.so
	$(Q)BUILD=$(abspath $(B)) tests/vm/chaos -n $(N) -s $(SEED) -b "$(STACK)" -j $(JOBS) -k build/vm/chaos

check:
	$(Q)bash tests/check.sh

demo:
	$(Q)bash tests/vm/demo

# For the guests: what a command costs (they have no strace); sockets that hear nothing any more; systemd's part of a socket; a file system that has had enough. Swap that is slow to come back: it is on a map without a path.
$(B)/meter: tests/bench/meter.c
$(B)/deafen: tests/vm/uml/deafen.c
$(B)/activate: tests/vm/uml/activate.c
$(B)/fsdown: tests/vm/uml/fsdown.c
$(B)/swapout: tests/vm/uml/swapout.c
$(B)/meter $(B)/deafen $(B)/activate $(B)/fsdown $(B)/swapout:
	$(call say,CC,$@)
	$(Q)$(HOST_CC) -std=gnu11 -O2 $(WARN) -static -o $@ $<
# For the guest's kernel itself.
$(B)/vtime.so: tests/vm/uml/vtime.c
	$(call say,CC,$@)
	$(Q)$(HOST_CC) -std=gnu11 -O2 $(WARN) -shared -fPIC -o $@ $<

bench: all $(B)/meter
	$(Q)python3 tests/bench/run $(if $(QUICK),--quick)

bench-boots:
	$(Q)python3 tests/bench/boots
	$(Q)python3 tests/bench/boots --degraded --runs 1

size: $(B)/mpath-boot
	$(Q)sh tools/size.sh $(B)/mpath-boot

# What clang's analyzer and its checks of habits that go wrong say of the sources: nothing. See .clang-tidy
.PHONY: tidy
# One file a run: in a second one version 14 takes each va_list for uninitialized.
tidy: $(B)/mpath-boot $(B)/mpath-snapshot
	$(Q)printf '%s\n' src/*.c src/keeper/*.c src/snapshot-tool/*.c checkers/*.c prio/*.c | \
		xargs -P "$$(nproc)" -n 1 sh -c 'clang-tidy --quiet "$$@" -- -std=gnu11 -D_GNU_SOURCE -I$(B)/gen -I$(AIO_DIR) 2> /dev/null' -

# ---- packages ----------------------------------------------------------------------------------------------------

.PHONY: deb rpm
deb:
	$(Q)tools/build-debs.sh build/packages
	$(Q)lintian --fail-on error,warning --tag-display-limit 0 build/packages/*.changes

rpm:
	$(Q)tools/build-rpms.sh build/rpms
	$(Q)rpmlint -r rpm/mpath-boot.rpmlintrc build/rpms/*.rpm

# ---- install -----------------------------------------------------------------------------------------------------

.PHONY: install clean
# The dynamic flavour lies beside its plugins, so that both flavours can be installed: the image gets the one that its snapshot needs.
install: all
ifeq ($(SHARED),)
	install -D -m 0755 $(INSTALL_STRIP) $(B)/mpath-boot $(DESTDIR)$(SBINDIR)/mpath-boot
	install -d $(DESTDIR)$(PLUGIN_DIR)/relink
	install -D -m 0755 $(INSTALL_STRIP) $(B)/mpath-keeper $(DESTDIR)$(PLUGIN_DIR)/mpath-keeper
	install -m 0644 $(INSTALL_STRIP) $(B)/iscsi-private.so $(DESTDIR)$(PLUGIN_DIR)/
	$(if $(KIT),cp -r $(B)/relink/. $(DESTDIR)$(PLUGIN_DIR)/relink/)
else
	install -D -m 0755 $(INSTALL_STRIP) $(B)/mpath-boot $(DESTDIR)$(PLUGIN_DIR)/mpath-boot.shared
	install -m 0644 $(INSTALL_STRIP) $(SO) $(DESTDIR)$(PLUGIN_DIR)/
	[ -e $(DESTDIR)$(SBINDIR)/mpath-boot ] || { install -d $(DESTDIR)$(SBINDIR) && ln -s $(PLUGIN_DIR)/mpath-boot.shared $(DESTDIR)$(SBINDIR)/mpath-boot; }
endif
	install -d $(DESTDIR)$(INCLUDEDIR)/mpath-boot $(DESTDIR)$(PKGCONFIGDIR)
	install -m 0644 $(PUBLIC_HEADERS) $(DESTDIR)$(INCLUDEDIR)/mpath-boot/
	sed 's|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@PLUGIN_DIR@|$(PLUGIN_DIR)|; s|@VERSION@|$(VERSION)|' docs/mpath-boot.pc.in > $(DESTDIR)$(PKGCONFIGDIR)/mpath-boot.pc
	install -D -m 0755 $(INSTALL_STRIP) $(B)/mpath-snapshot $(DESTDIR)$(SBINDIR)/mpath-snapshot
	install -d $(DESTDIR)$(LIBDIR)/mpath-boot/udev
	install -m 0644 hooks/udev/*.rules $(DESTDIR)$(LIBDIR)/mpath-boot/udev/
	$(Q)LIBDIR=$(DESTDIR)$(LIBDIR) sh hooks/common/install.sh
	$(Q)INITRAMFS_TOOLS=$(DESTDIR)$(INITRAMFS_TOOLS) LIBDIR=$(DESTDIR)$(LIBDIR) sh hooks/initramfs-tools/install.sh
	$(Q)UNITDIR=$(DESTDIR)$(UNITDIR) sh hooks/systemd/install.sh
	$(Q)DRACUT=$(DESTDIR)$(DRACUT) UNITDIR=$(DESTDIR)$(UNITDIR) MANDIR=$(DESTDIR)$(MANDIR) sh hooks/dracut/install.sh
	install -d $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8
	$(if $(wildcard docs/*.5),install -m 0644 $(wildcard docs/*.5) $(DESTDIR)$(MANDIR)/man5/)
	$(if $(wildcard docs/*.8),install -m 0644 $(wildcard docs/*.8) $(DESTDIR)$(MANDIR)/man8/)

clean:
	rm -rf build/static build/dynamic build/shared build/relink build/extra build/gen build/san build/glibc build/tests build/fuzz build/libtest.a build/mpath-boot build/mpath-keeper build/iscsi-private.so build/mpath-snapshot
