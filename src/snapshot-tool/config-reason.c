/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config-reason.h"

#include <stdarg.h>
#include <stdio.h>

#include "../shell-word.h"

const char *const config_reason_names[N_CONFIG_REASONS] = {
	[CONFIG_NO_DEVICE] = "no-device",
	[CONFIG_PARTITION] = "partition",
	[CONFIG_MAP] = "map",
	[CONFIG_OTHER_DM] = "other-dm",
	[CONFIG_HIDDEN] = "hidden",
	[CONFIG_NO_DISK] = "no-disk",
	[CONFIG_NO_UDEV] = "no-udev",
	[CONFIG_USB] = "usb",
	[CONFIG_PROPERTY] = "blacklisted-property",
	[CONFIG_NO_PROPERTY] = "no-property",
	[CONFIG_DEVNODE] = "blacklisted-devnode",
	[CONFIG_DEVICE] = "blacklisted-device",
	[CONFIG_PROTOCOL] = "blacklisted-protocol",
	[CONFIG_WWID] = "blacklisted-wwid",
	[CONFIG_NO_WWID] = "no-wwid",
	[CONFIG_STRICT] = "not-in-wwids",
	[CONFIG_ALONE] = "alone",
	[CONFIG_SMART] = "smart",
	[CONFIG_FAILED] = "failed-before",
	[CONFIG_OTHER_WWID] = "other-wwid",
	[CONFIG_PATH] = "path",
	[CONFIG_IN_MAP] = "in-map",
};

static void say(struct config_answer *out, enum config_reason reason, const char *fmt, ...) _printf_(3, 4);

static void say(struct config_answer *out, enum config_reason reason, const char *fmt, ...)
{
	char text[1200];
	va_list args;

	out->reason = reason;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_add(&out->text, text);
}

static bool decide_kind(const struct config_case *c, struct config_answer *out)
{
	const char *wwid = str_after(c->dm_uuid, "mpath-");

	if (!c->exists)
		say(out, CONFIG_NO_DEVICE, "%s: there is no such block device, and no map of this name", c->name);
	else if (c->is_partition)
		say(out, CONFIG_PARTITION, "%s is a partition of %s: only whole disks are paths; ask for %s", c->name, c->disk, c->disk);
	else if (wwid)
		say(out, CONFIG_MAP, "%s is the map %s (%s), no path, and none of its paths is there", c->name, c->dm_name, wwid);
	else if (*c->dm_name)
		say(out, CONFIG_OTHER_DM, "%s is a device-mapper device (%s), no disk", c->name, c->dm_name);
	else if (c->is_hidden)
		say(out, CONFIG_HIDDEN, "%s is a path of the kernel's own NVMe multipath (nvme_core.multipath=Y), which needs no map", c->name);
	else if (!c->is_disk)
		say(out, CONFIG_NO_DISK, "%s is no disk that multipath-tools takes: only SCSI and NVMe disks and DASDs are", c->name);
	else
		return false;
	return true;
}

/* " (/etc/multipath.conf:12)" */
static void add_origin(const struct config_case *c, const struct setting *s, struct buf *out)
{
	char origin[600];

	config_origin(c->config, s, origin, sizeof(origin));
	buf_addf(out, " (%s)", origin);
}

static void add_rule(const struct config_case *c, const struct conf_node *section, const struct conf_node *node, struct buf *out)
{
	const struct setting s = { .section = section, .node = node };

	buf_addf(out, "%s \"%.200s\"", node->key, node->value);
	add_origin(c, &s, out);
}

static enum config_reason class_reason(const struct blacklist_verdict *v)
{
	static const struct {
		const char *class;
		enum config_reason reason;
	} classes[] = {
		{ "devnode", CONFIG_DEVNODE }, { "device", CONFIG_DEVICE }, { "protocol", CONFIG_PROTOCOL }, { "wwid", CONFIG_WWID },
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (streq(v->class, classes[i].class))
			return classes[i].reason;
	return v->lacks_property ? CONFIG_NO_PROPERTY : CONFIG_PROPERTY;
}

static bool decide_blacklist(const struct config_case *c, struct config_answer *out)
{
	const struct blacklist_verdict *v = &c->blacklist;
	const struct path_facts *f = &c->info.facts;
	enum config_reason reason;

	if (!v->is_blacklisted)
		return false;
	reason = class_reason(v);
	switch ((int)reason) {
	case CONFIG_DEVICE:
		say(out, reason, "%s (vendor \"%s\", product \"%s\") is blacklisted by a device section with ", c->name, f->vendor, f->product);
		break;
	case CONFIG_PROTOCOL:
		say(out, reason, "%s (%s) is blacklisted by ", c->name, f->protocol);
		break;
	case CONFIG_WWID:
		say(out, reason, "%s (WWID %s) is blacklisted by ", c->name, c->wwid);
		break;
	case CONFIG_NO_PROPERTY:
		say(out, reason, "%s is blacklisted: udev knows no property of it that the exceptions name with ", c->name);
		break;
	default:
		say(out, reason, "%s is blacklisted by ", c->name);
		break;
	}
	add_rule(c, v->section, v->rule, &out->text);
	return true;
}

static bool decide_wwid(const struct config_case *c, struct config_answer *out)
{
	if (*c->wwid)
		return false;
	say(out, CONFIG_NO_WWID, "%s has no WWID: udev knows no %s of it; uid_attribute says to take that", c->name, c->uid_attribute.value);
	add_origin(c, &c->uid_attribute, &out->text);
	return true;
}

/* find_multipaths and its origin. */
static void add_find(const struct config_case *c, const char *find, struct buf *out)
{
	char origin[600];

	config_default_origin(c->config, "find_multipaths", origin, sizeof(origin));
	buf_addf(out, "find_multipaths is %s (%s)", find, origin);
}

static bool decide_find(const struct config_case *c, struct config_answer *out)
{
	const char *find = resolve_default(c->config->conf, "find_multipaths", "strict");
	bool listed = config_has_wwid(c->config, c->wwid);
	char mem[SHELL_WORD_SIZE(WWID_MAX)];

	if (listed)
		return false;
	if (streq(find, "strict")) {
		say(out, CONFIG_STRICT, "%s (WWID %s) is not in %s, and ", c->name, c->wwid, c->config->wwids_file);
		add_find(c, find, &out->text);
		buf_addf(&out->text, "; to make it a path: multipath -a %s", shell_word(c->wwid, mem, sizeof(mem)));
		if (*c->map_name)
			buf_addf(&out->text, "; it is in the map %s now, which multipathd gives up at its next start", c->map_name);
		return true;
	}
	if (c->n_same > 1 || c->wwid_has_map)
		return false;
	if (streq(find, "on") || streq(find, "yes")) {
		say(out, CONFIG_ALONE, "%s (WWID %s) is the only disk of its LUN, is not in %s, and ", c->name, c->wwid, c->config->wwids_file);
		add_find(c, find, &out->text);
		return true;
	}
	if (streq(find, "smart")) {
		say(out, CONFIG_SMART, "%s (WWID %s) is the only disk of its LUN so far, is not in %s, and ", c->name, c->wwid, c->config->wwids_file);
		add_find(c, find, &out->text);
		buf_add(&out->text, ": it is waited for a second one, then it is left alone");
		return true;
	}
	return false;
}

static void add_option(const struct config_case *c, enum option o, struct buf *out)
{
	buf_addf(out, ", %s \"%s\"", option_names[o], c->resolved.v[o].value);
	add_origin(c, &c->resolved.v[o], out);
}

/* What decides on its group, each with its origin. */
static void add_path(const struct config_case *c, struct buf *out)
{
	buf_addf(out, "; WWID %s by %s", c->wwid, c->is_udev_wwid ? c->uid_attribute.value : "what /sys shows");
	if (c->is_udev_wwid)
		add_origin(c, &c->uid_attribute, out);
	add_option(c, OPT_ALIAS, out);
	add_option(c, OPT_PATH_GROUPING_POLICY, out);
	add_option(c, OPT_PRIO, out);
	add_option(c, OPT_PATH_CHECKER, out);
	if (c->blacklist.exception) {
		buf_add(out, "; taken out of the blacklist by ");
		add_rule(c, c->blacklist.exception_section, c->blacklist.exception, out);
	}
}

static void decide_path(const struct config_case *c, struct config_answer *out)
{
	const char *alias = c->resolved.v[OPT_ALIAS].is_set ? c->resolved.v[OPT_ALIAS].value : c->wwid;

	if (*c->map_wwid && !streq(c->map_wwid, c->wwid)) {
		say(out, CONFIG_OTHER_WWID, "%s is in the map %s (%s), but its WWID is %s now: did the LUN behind it change, or uid_attribute?", c->name, c->map_name,
		    c->map_wwid, c->wwid);
		return;
	}
	out->is_path = true;
	if (*c->map_name)
		say(out, CONFIG_IN_MAP, "%s is a path of the map %s", c->name, c->map_name);
	else
		say(out, CONFIG_PATH, "%s would be a path of a map %s, which it is not in now", c->name, alias);
	add_path(c, &out->text);
}

void config_decide(const struct config_case *c, struct config_answer *out)
{
	out->is_path = false;
	out->text = (struct buf) BUF_INIT(out->mem, sizeof(out->mem));
	buf_reset(&out->text);
	if (decide_kind(c, out))
		return;
	if (!c->has_udev)
		say(out, CONFIG_NO_UDEV, "%s is not in udev's database, so multipathd does not look at it: is systemd-udevd running? udevadm trigger /sys/block/%s", c->name,
		    c->info.facts.name);
	else if (streq(c->info.facts.protocol, "scsi:usb") && !streq(resolve_default(c->config->conf, "allow_usb_devices", "no"), "yes"))
		say(out, CONFIG_USB, "%s is a USB disk, and allow_usb_devices is no", c->name);
	else if (decide_blacklist(c, out) || decide_wwid(c, out) || decide_find(c, out))
		;
	else if (c->is_failed)
		say(out, CONFIG_FAILED, "%s (WWID %s): multipath-tools could not make a map of it and has noted that in /run/multipath/failed_wwids; to try again: multipath %s",
		    c->name, c->wwid, c->wwid);
	else
		decide_path(c, out);
}
