/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "bindings.h"
#include "pattern.h"
#include "properties.h"
#include "resolve.h"
#include "rules.h"
#include "snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool is_taken(void *arg, const char *alias)
{
	(void)arg;
	return strlen(alias) % 2;
}

/* One of several kinds of disk. */
static void choose_disk(size_t kind, struct path_facts *f)
{
	static const char *const protocols[] = { "scsi:fcp", "scsi:iscsi", "scsi:usb", "nvme:tcp" };

	f->bus = kind & 1 ? BUS_NVME : BUS_SCSI;
	f->has_ana = f->has_access_state = kind & 2;
	f->tpgs = (int)(kind >> 2 & 3);
	f->is_rdac = kind >> 4 & 1;
	snprintf(f->dh_state, sizeof(f->dh_state), "%s", kind >> 5 & 1 ? "alua" : "");
	f->timeout_s = kind >> 6 & 1 ? 30 : 0;
	snprintf(f->protocol, sizeof(f->protocol), "%s", protocols[kind >> 7 & 3]);
}

/* Any bytes as a configuration, as bindings and wwids, and (line by line) as a pattern and a text. How many they are chooses the disk. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const properties[] = { "ID_SERIAL", "ID_WWN", "SCSI_IDENT_SERIAL", NULL };
	struct path_facts f = {
		.name = "sda", .bus = BUS_SCSI, .protocol = "scsi:fcp", .vendor = "LIO-ORG", .product = "Disk", .revision = "4.0", .tpgs = 3,
	};
	struct resolve_in in = { .wwid = "36001", .bindings_file = "bindings", .paths = &f, .n_paths = 1 };
	char *text = calloc(1, len + 1), alias[256], wwid[256], found[256];
	const char *at, *behind;
	struct rules rules = { .find = FIND_OFF };
	const char *known[] = { wwid };
	const struct rules_binding bound[] = { { alias, wwid } };
	struct snap_map map;
	struct resolved r;
	struct conf *conf;

	if (!text)
		return 0;
	choose_disk(len, &f);
	in.tools = len & 1 ? "0.9.4" : "0.15.0";
	in.binding = len & 2 ? "mpathb" : NULL;
	if (len)
		memcpy(text, data, len);
	if (len < PROPERTIES_SIZE) {
		static struct properties p;

		memcpy(p.text, text, len);
		properties_parse(&p, len);
		for (size_t i = 1; i < p.n; i++)
			if (strcmp(p.names[i - 1], p.names[i]) > 0)
				abort();
		if (p.n && strcmp(properties_get(&p, p.names[0]), p.values[0]) != 0)
			abort();
		rules_blacklisted(&rules, &f, NULL, "ID_SERIAL", p.names);
	}
	if (conf_parse(text, len, false, NULL, NULL, &conf) == 0) {
		rules.config.first = conf->first;
		rules_read_find(&rules);
		rules_blacklisted(&rules, &f, "36001", "ID_SERIAL", properties);
		in.config = &rules.config;
		resolve(&in, NULL, NULL, &r);
		snapshot_init_map(&map);
		for (enum option o = 0; o < N_OPTIONS; o++)
			if (r.v[o].is_set)
				snapshot_set_option(&map, option_names[o], r.v[o].value);
		rules_new_alias(&rules, r.v[OPT_ALIAS].value, is_taken, NULL, alias, sizeof(alias));
		conf_free(conf);
	}
	for (at = text; bindings_next(&at, alias, sizeof(alias), wwid, sizeof(wwid)); )
		if (!*alias || !*wwid)
			abort();
	/* the first line of all that are good is never in doubt */
	at = text;
	if (bindings_next(&at, alias, sizeof(alias), wwid, sizeof(wwid)) &&
	    (!bindings_find(text, wwid, found, sizeof(found)) || !streq(found, alias)))
		abort();
	*wwid = '\0';
	for (at = text; wwids_next(&at, wwid, sizeof(wwid)); )
		if (!*wwid)
			abort();
	if (*wwid && !wwids_find(text, wwid))
		abort();
	rules.wwids = known, rules.n_wwids = 1;
	rules.bindings = bound, rules.n_bindings = 1;
	snprintf(alias, sizeof(alias), "mpatha");
	snprintf(wwid, sizeof(wwid), "%.127s", text);
	wwid[strcspn(wwid, "\n")] = '\0';
	/* asked for it alone, it is wanted; nobody, and it is not known, it is not */
	if (*wwid && !strchr(wwid, ',') && (rules_judge(&rules, wwid, wwid, 1) != VERDICT_YES || rules_judge(&rules, wwid, "", 1) == VERDICT_YES))
		abort();
	rules_judge(&rules, text, "36001", 1);
	rules.find = FIND_STRICT;
	if (rules_judge(&rules, "", wwid, 1) != VERDICT_YES || !streq(rules_binding_of(&rules, wwid), "mpatha"))
		abort();
	behind = strchr(text, '\n');
	if (behind) {
		*strchr(text, '\n') = '\0';
		/* whoever matches is a regular expression */
		if (pattern_matches(text, behind + 1) && strpbrk(text, "\\^$.[()|?*+{") && !pattern_is_good(text))
			abort();
		pattern_matches_or_not(text, behind + 1);
	}
	free(text);
	return 0;
}
