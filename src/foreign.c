/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign.h"

#include <stdio.h>

#include "extension-name.h"

struct entry {
	enum plugin_kind kind;
	const void *ops;
	char source[EXTENSION_FILE_MAX + 20];
};

/* The relink kit has no compiler: it gives extension N of the command line the name mpath_boot_linked_N, and the linker fills this table. */
#define LINKED(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define DECLARE(n) extern const struct mpath_extension mpath_boot_linked_##n __attribute__((weak));
#define LIST(n) &mpath_boot_linked_##n,

LINKED(DECLARE)

static const struct mpath_extension *const linked[LINKED_MAX] = {
	LINKED(LIST)
};

static struct entry entries[FOREIGN_MAX];
static size_t n_entries;
static const void *faulty[FOREIGN_MAX];
static size_t n_faulty;
static bool linked_taken;

static const char *name_of(enum plugin_kind kind, const void *ops)
{
	return kind == PLUGIN_CHECKER ? ((const struct checker_ops *)ops)->name : ((const struct prio_ops *)ops)->name;
}

static const char *kind_name(enum plugin_kind kind)
{
	return kind == PLUGIN_CHECKER ? "checker" : "prioritizer";
}

/* Nothing but the abi number may be looked at before it is known to be ours. */
static int validate(enum plugin_kind kind, const void *ops, char *why, size_t size)
{
	const struct checker_ops *checker = ops;
	const struct prio_ops *prio = ops;
	unsigned int abi = kind == PLUGIN_CHECKER ? checker->abi : prio->abi;
	unsigned int ours = kind == PLUGIN_CHECKER ? CHECKER_ABI : PRIO_ABI;

	if (abi != ours) {
		snprintf(why, size, "its %s was built for ABI %u, this is %u: build it again", kind_name(kind), abi, ours);
		return -EPROTONOSUPPORT;
	}
	if (!name_of(kind, ops) || !plugin_name_is_valid(name_of(kind, ops)) || (kind == PLUGIN_CHECKER ? !checker->check : !prio->get)) {
		snprintf(why, size, "it brings a %s without a good name, or without code", kind_name(kind));
		return -EBADMSG;
	}
	return 0;
}

static bool is_taken(enum plugin_kind kind, const char *name)
{
	if (kind == PLUGIN_CHECKER ? checker_is_built_in(name) : prio_is_built_in(name))
		return true;
	for (size_t i = 0; i < n_entries; i++)
		if (entries[i].kind == kind && streq(name_of(kind, entries[i].ops), name))
			return true;
	return false;
}

static int add(enum plugin_kind kind, const void *ops, const char *source, char *why, size_t size)
{
	int r = validate(kind, ops, why, size);

	if (r < 0)
		return r;
	if (is_taken(kind, name_of(kind, ops))) {
		snprintf(why, size, "there is a %s \"%s\" already", kind_name(kind), name_of(kind, ops));
		return -EEXIST;
	}
	if (n_entries == FOREIGN_MAX) {
		snprintf(why, size, "there are %d already", FOREIGN_MAX);
		return -ENOSPC;
	}
	entries[n_entries] = (struct entry) { .kind = kind, .ops = ops };
	snprintf(entries[n_entries].source, sizeof(entries[n_entries].source), "%s", source);
	n_entries++;
	return 0;
}

static int add_all(const struct mpath_extension *e, const char *source, char *why, size_t size)
{
	int taken = 0, r = 0;

	if (e->abi != EXTENSION_ABI) {
		snprintf(why, size, "it was built for extension ABI %u, this is %u: build it again", e->abi, EXTENSION_ABI);
		return -EPROTONOSUPPORT;
	}
	/* All or nothing: half an extension is hard to explain. */
	for (size_t i = 0; r == 0 && e->checkers && e->checkers[i]; i++)
		r = validate(PLUGIN_CHECKER, e->checkers[i], why, size);
	for (size_t i = 0; r == 0 && e->prios && e->prios[i]; i++)
		r = validate(PLUGIN_PRIO, e->prios[i], why, size);
	if (r < 0)
		return r;
	for (size_t i = 0; e->checkers && e->checkers[i]; i++, taken += r == 0) {
		r = add(PLUGIN_CHECKER, e->checkers[i], source, why, size);
		if (r < 0 && r != -EEXIST)
			return r;
	}
	for (size_t i = 0; e->prios && e->prios[i]; i++, taken += r == 0) {
		r = add(PLUGIN_PRIO, e->prios[i], source, why, size);
		if (r < 0 && r != -EEXIST)
			return r;
	}
	if (!taken && !r) {
		snprintf(why, size, "it brings neither checker nor prioritizer");
		return -EBADMSG;
	}
	return taken ? taken : r;
}

static void take_linked(void)
{
	char why[160];

	if (linked_taken)
		return;
	linked_taken = true;
	for (size_t i = 0; i < LINKED_MAX; i++) {
		char source[64];

		if (!linked[i])
			continue;
		snprintf(source, sizeof(source), "linked in %.40s", linked[i]->abi == EXTENSION_ABI && linked[i]->name ? linked[i]->name : "");
		add_all(linked[i], source, why, sizeof(why));
	}
}

int foreign_add(const struct mpath_extension *e, const char *source, char *why, size_t size)
{
	take_linked();
	return add_all(e, source, why, size);
}

int foreign_add_one(enum plugin_kind kind, const void *ops, const char *source, char *why, size_t size)
{
	take_linked();
	return add(kind, ops, source, why, size);
}

const void *foreign_find(enum plugin_kind kind, const char *name)
{
	take_linked();
	for (size_t i = 0; i < n_entries; i++)
		if (entries[i].kind == kind && streq(name_of(kind, entries[i].ops), name) && !foreign_is_faulty(entries[i].ops))
			return entries[i].ops;
	return NULL;
}

const void *foreign_at(enum plugin_kind kind, size_t at, const char **source)
{
	take_linked();
	for (size_t i = 0; i < n_entries; i++) {
		if (entries[i].kind != kind || at-- > 0)
			continue;
		*source = entries[i].source;
		return entries[i].ops;
	}
	return NULL;
}

void foreign_set_faulty(const void *ops)
{
	if (!foreign_is_faulty(ops) && n_faulty < ARRAY_SIZE(faulty))
		faulty[n_faulty++] = ops;
}

bool foreign_is_faulty(const void *ops)
{
	for (size_t i = 0; i < n_faulty; i++)
		if (faulty[i] == ops)
			return true;
	return false;
}

bool foreign_has(const void *ops)
{
	for (size_t i = 0; i < n_entries; i++)
		if (entries[i].ops == ops)
			return true;
	return false;
}

bool foreign_is_linked(const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len;

	file = slash ? slash + 1 : file;
	len = strlen(file);
	if (len < 3)
		return false;
	for (size_t i = 0; i < LINKED_MAX; i++) {
		const struct mpath_extension *e = linked[i];

		if (e && e->abi == EXTENSION_ABI && e->name && strlen(e->name) == len - 3 && strncmp(e->name, file, len - 3) == 0)
			return true;
	}
	return false;
}

const char *foreign_extension_state(const char *file)
{
	const char *slash = strrchr(file, '/');

	for (size_t i = 0; i < n_entries; i++) {
		const char *source = str_after(entries[i].source, "extension ");

		if (source && streq(source, slash ? slash + 1 : file))
			return "loaded";
	}
	return foreign_is_linked(file) ? "linked in" : "not there";
}
