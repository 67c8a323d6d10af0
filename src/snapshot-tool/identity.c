/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity.h"

#include <stdio.h>

#include "udev-db.h"

#define VPD_SIZE 4096

struct identity {
	char text[DESIGNATOR_MAX];
	int score;
};

struct identities {
	struct identity *v;
	size_t n;
	bool failed;
};

static int keep_designator(const struct designator *d, void *arg)
{
	struct identities *list = arg;
	struct identity *grown = realloc(list->v, (list->n + 1) * sizeof(*grown));
	size_t at = list->n;

	if (!grown) {
		list->failed = true;
		return 1;
	}
	list->v = grown;
	while (at > 0 && grown[at - 1].score < d->score)	/* strongest first, in page order where equal */
		at--;
	memmove(grown + at + 1, grown + at, (list->n - at) * sizeof(*grown));
	memcpy(grown[at].text, d->text, sizeof(grown[at].text));
	grown[at].score = d->score;
	list->n++;
	return 0;
}

static void pad(char *to, const char *from, size_t width)
{
	size_t n = strlen(from);

	memset(to, ' ', width);
	memcpy(to, from, n < width ? n : width);
}

static void keep_attr(const struct host *host, const char *kind, const char *name, const char *attr, struct identities *list)
{
	struct designator d = { .score = 0 };
	char value[224];
	ssize_t n = host_attr(host, value, sizeof(value), "sys/class/block/%s/%s", name, attr);
	int len = snprintf(d.text, sizeof(d.text), "%s", kind);

	for (ssize_t i = 0; i < n; i++)
		len += snprintf(d.text + len, sizeof(d.text) - (size_t)len, "%02x", (unsigned char)value[i]);
	if (n > 0)
		keep_designator(&d, list);
}

/* The same texts that mpath-boot makes of the same attributes; see discover.c. */
static struct identities read_identities(const struct host *host, const struct path_facts *f)
{
	struct identities list = { .v = NULL };
	struct designator serial = { .score = 0 };
	uint8_t page[VPD_SIZE];
	char name[96], idstr[24];
	ssize_t n;

	switch (f->bus) {
	case BUS_NVME:
		keep_attr(host, "nvme.", f->name, "wwid", &list);
		return list;
	case BUS_DASD:
		keep_attr(host, "dasd.", f->name, "device/uid", &list);
		return list;
	case BUS_SCSI:
		break;
	}
	pad(idstr, f->vendor, 8);
	pad(idstr + 8, f->product, 16);
	snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg83", f->name);
	n = sys_read(host->fd, name, page, sizeof(page));
	if (n >= 0)
		vpd83_visit(page, (size_t)n, idstr, keep_designator, &list);
	if (list.n || list.failed)
		return list;
	snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg80", f->name);
	n = sys_read(host->fd, name, page, sizeof(page));
	if (n >= 0 && vpd80_text(page, (size_t)n, idstr, serial.text) == 0)
		keep_designator(&serial, &list);
	return list;
}

static bool has_identity(const struct identities *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (streq(list->v[i].text, text))
			return true;
	return false;
}

/* The designators that all paths show: one that only some of them have cannot name the LUN. */
int identity_read(const struct host *host, struct map_info *m)
{
	struct identities common = { .v = NULL };
	bool is_first = true;

	for (size_t i = 0; i < m->n_paths && !common.failed; i++) {
		struct identities own = read_identities(host, &m->paths[i].facts);
		size_t kept = 0;

		if (is_first || own.failed) {
			free(common.v);
			common = own;
			is_first = common.n == 0;	/* a dead path may show nothing */
			continue;
		}
		for (size_t j = 0; own.n && j < common.n; j++)
			if (has_identity(&own, common.v[j].text))
				common.v[kept++] = common.v[j];
		if (own.n)
			common.n = kept;
		free(own.v);
	}
	m->designators = common.failed ? NULL : calloc(common.n + 1, sizeof(*m->designators));
	for (size_t i = 0; m->designators && i < common.n; i++)
		memcpy(m->designators[m->n_designators++], common.v[i].text, sizeof(*m->designators));
	free(common.v);
	return m->designators ? 0 : -ENOMEM;
}

bool identity_is_shown(const struct host *host, const struct path_facts *f, const char *designator)
{
	struct identities own = read_identities(host, f);
	bool is_shown = has_identity(&own, designator);

	free(own.v);
	return is_shown;
}

struct wwid_search {
	const char *wwid;
	bool found;
};

static int compare_wwid(const struct designator *d, void *arg)
{
	struct wwid_search *s = arg;
	char wwid[WWID_MAX];

	s->found = designator_wwid(d, wwid) == 0 && streq(wwid, s->wwid);
	return s->found;
}

struct wwid_choice {
	char *wwid;
	size_t size;
	int score;
};

/* The strongest, in page order where equal (reference: multipath-tools' documented uid fallback). */
static int choose_wwid(const struct designator *d, void *arg)
{
	struct wwid_choice *choice = arg;
	char wwid[WWID_MAX];

	if (d->score > choice->score && designator_wwid(d, wwid) == 0) {
		snprintf(choice->wwid, choice->size, "%s", wwid);
		choice->score = d->score;
	}
	return 0;
}

void identity_sys_wwid(const struct host *host, const struct path_facts *f, char *wwid, size_t size)
{
	struct wwid_choice choice = { .wwid = wwid, .size = size, .score = -1 };
	uint8_t page[VPD_SIZE];
	char name[96];
	ssize_t n;

	wwid[0] = '\0';
	if (f->bus == BUS_NVME || f->bus == BUS_DASD) {
		host_attr(host, wwid, size, "sys/class/block/%s/%s", f->name, f->bus == BUS_NVME ? "wwid" : "device/uid");
		/* what follows the fourth dot of a DASD's names a PAV alias of the same volume */
		for (unsigned int dots = 0; f->bus == BUS_DASD && *wwid; wwid++) {
			if (*wwid == '.' && ++dots == 4) {
				*wwid = '\0';
				break;
			}
		}
		return;
	}
	snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg83", f->name);
	n = sys_read(host->fd, name, page, sizeof(page));
	if (n >= 0)
		vpd83_visit(page, (size_t)n, NULL, choose_wwid, &choice);
}

void identity_wwid_from(const struct host *host, const struct map_info *m, const char *attribute, char *buf, size_t size)
{
	struct wwid_search search = { .wwid = m->wwid };
	char value[512], name[96];
	uint8_t page[VPD_SIZE];

	for (size_t i = 0; i < m->n_paths; i++) {
		const char *dev = m->paths[i].facts.name;
		struct udev_properties properties = { .n = 0 };
		bool is_udev;
		ssize_t n;

		udev_properties_read(host, dev, &properties);
		is_udev = streq(udev_property(&properties, attribute), m->wwid);
		udev_properties_clear(&properties);
		if (is_udev) {
			snprintf(buf, size, "udev %s", attribute);
			return;
		}
		host_attr(host, value, sizeof(value), "sys/class/block/%s/wwid", dev);
		if (m->paths[i].facts.bus == BUS_NVME && streq(value, m->wwid)) {
			snprintf(buf, size, "wwid in /sys");
			return;
		}
		snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg83", dev);
		n = sys_read(host->fd, name, page, sizeof(page));
		if (n >= 0)
			vpd83_visit(page, (size_t)n, NULL, compare_wwid, &search);
		if (search.found) {
			snprintf(buf, size, "VPD page 0x83");
			return;
		}
	}
	snprintf(buf, size, "the live map");
}
