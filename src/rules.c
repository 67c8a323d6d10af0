/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include <stdio.h>

#include "blacklist.h"
#include "resolve.h"

static const char *const find_names[] = {
	[FIND_OFF] = "off",
	[FIND_ON] = "on",
	[FIND_GREEDY] = "greedy",
	[FIND_SMART] = "smart",
	[FIND_STRICT] = "strict",
};

/* multipath-tools' built-in defaults and its entry for NVMe; no table of arrays. Newer ones (since 0.9.6) have detect_pgpolicy. */
const char rules_built_in[] =
	"defaults {\n"
	"find_multipaths \"on\"\n"
	"user_friendly_names \"no\"\n"
	"path_selector \"service-time 0\"\n"
	"path_grouping_policy \"failover\"\n"
	"detect_pgpolicy \"yes\"\n"
	"uid_attribute \"ID_SERIAL\"\n"
	"path_checker \"tur\"\n"
	"detect_checker \"yes\"\n"
	"prio \"const\"\n"
	"detect_prio \"yes\"\n"
	"features \"0\"\n"
	"failback \"manual\"\n"
	"}\n"
	"blacklist {\n"
	"devnode \"!^(sd[a-z]|dasd[a-z]|nvme[0-9])\"\n"
	"}\n"
	"blacklist_exceptions {\n"
	"property \"(SCSI_IDENT_|ID_WWN)\"\n"
	"}\n"
	"devices {\n"
	"device {\n"
	"vendor \"^NVME\"\n"
	"product \".*\"\n"
	"uid_attribute \"ID_WWN\"\n"
	"path_checker \"none\"\n"
	"path_grouping_policy \"group_by_prio\"\n"
	"failback \"immediate\"\n"
	"}\n"
	"device {\n"
	"vendor \"IBM\"\n"
	"product \"^S/390 DASD\"\n"
	"uid_attribute \"ID_UID\"\n"
	"path_checker \"directio\"\n"
	"}\n"
	"}\n";

bool rules_read_find(struct rules *rules)
{
	const char *word = resolve_default(&rules->config, "find_multipaths", "strict");

	if (streq(word, "no"))
		word = "off";
	else if (streq(word, "yes"))
		word = "on";
	for (unsigned int i = 0; i < ARRAY_SIZE(find_names); i++) {
		if (streq(word, find_names[i])) {
			rules->find = (enum find_multipaths)i;
			return true;
		}
	}
	rules->find = FIND_STRICT;
	return false;
}

static bool is_yes(const char *value)
{
	return streq(value, "yes") || streq(value, "1");
}

bool rules_blacklisted(const struct rules *rules, const struct path_facts *f, const char *wwid, const char *uid_attribute,
		       const char *const *properties)
{
	const struct blacklist_in in = {
		.config = &rules->config, .facts = f, .wwid = wwid, .uid_attribute = uid_attribute, .properties = properties,
	};
	struct blacklist_verdict verdict;

	if (streq(f->protocol, "scsi:usb") && !is_yes(resolve_default(&rules->config, "allow_usb_devices", "no")))
		return true;
	blacklist_check(&in, &verdict);
	return verdict.is_blacklisted;
}

static bool is_listed(const char *list, const char *wwid)
{
	size_t want = strlen(wwid), len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len == want && memcmp(list, wwid, len) == 0)
			return true;
	}
	return false;
}

static bool is_known(const struct rules *rules, const char *wwid)
{
	for (size_t i = 0; i < rules->n_wwids; i++)
		if (streq(rules->wwids[i], wwid))
			return true;
	return false;
}

enum rules_verdict rules_judge(const struct rules *rules, const char *only, const char *wwid, size_t n_paths)
{
	if (*only)
		return is_listed(only, wwid) ? VERDICT_YES : VERDICT_NO;
	switch (rules->find) {
	case FIND_OFF:
	case FIND_GREEDY:
		return VERDICT_YES;
	case FIND_ON:
	case FIND_SMART:
		return n_paths > 1 || is_known(rules, wwid) ? VERDICT_YES : VERDICT_SECOND;
	case FIND_STRICT:
		return is_known(rules, wwid) ? VERDICT_YES : VERDICT_NO;
	}
	return VERDICT_NO;
}

const char *rules_binding_of(const struct rules *rules, const char *wwid)
{
	for (size_t i = 0; i < rules->n_bindings; i++)
		if (streq(rules->bindings[i].wwid, wwid))
			return rules->bindings[i].alias;
	return NULL;
}

static bool is_bound(const struct rules *rules, const char *alias)
{
	for (size_t i = 0; i < rules->n_bindings; i++)
		if (streq(rules->bindings[i].alias, alias))
			return true;
	return false;
}

bool rules_new_alias(const struct rules *rules, const char *prefix, bool (*is_taken)(void *arg, const char *alias), void *arg,
		     char *alias, size_t size)
{
	for (size_t id = 1; ; id++) {
		char letters[16], *at = letters + sizeof(letters) - 1;

		*at = '\0';
		for (size_t n = id; n; n = (n - 1) / 26)	/* a … z, aa …: digits without a zero */
			*--at = (char)('a' + (n - 1) % 26);
		if ((size_t)snprintf(alias, size, "%s%s", prefix, at) >= size)
			return false;
		if (!is_bound(rules, alias) && !is_taken(arg, alias))
			return true;
	}
}
