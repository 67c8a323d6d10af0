/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "udev-db.h"

#include <libudev.h>
#include <stdio.h>
#include <sys/sysmacros.h>

static int add(struct udev_properties *p, const char *name, size_t name_len, const char *value, size_t value_len)
{
	char **names = realloc(p->names, (p->n + 2) * sizeof(*names)), **values;

	if (names)
		p->names = names;
	values = realloc(p->values, (p->n + 2) * sizeof(*values));
	if (values)
		p->values = values;
	if (!names || !values)
		return -ENOMEM;
	names[p->n] = strndup(name, name_len);
	values[p->n] = strndup(value, value_len);
	names[p->n + 1] = NULL;
	if (!names[p->n] || !values[p->n]) {
		free(names[p->n]);
		free(values[p->n]);
		names[p->n] = NULL;
		return -ENOMEM;
	}
	p->n++;
	return 0;
}

static int read_live(unsigned int major, unsigned int minor, struct udev_properties *p)
{
	struct udev *udev = udev_new();
	struct udev_device *dev = udev ? udev_device_new_from_devnum(udev, 'b', makedev(major, minor)) : NULL;
	struct udev_list_entry *entry;
	int r = dev && udev_device_get_is_initialized(dev) > 0 ? 0 : -ENOENT;

	for (entry = r ? NULL : udev_device_get_properties_list_entry(dev); entry && !r; entry = udev_list_entry_get_next(entry)) {
		const char *name = udev_list_entry_get_name(entry), *value = udev_list_entry_get_value(entry);

		r = add(p, name, strlen(name), value ? value : "", value ? strlen(value) : 0);
	}
	udev_device_unref(dev);
	udev_unref(udev);
	return r;
}

/* The database's file: lines "E:NAME=VALUE". */
static int read_recorded(const struct host *host, unsigned int major, unsigned int minor, struct udev_properties *p)
{
	_auto_free_ char *text = NULL;
	char file[64];
	int r;

	snprintf(file, sizeof(file), "run/udev/data/b%u:%u", major, minor);
	r = host_read_file(host, file, &text, NULL);
	for (char *line = text, *next; !r && line && *line; line = next) {
		size_t len = strcspn(line, "\n"), name_len = strcspn(line, "=\n");

		next = line + len + (line[len] == '\n');
		if (str_after(line, "E:") && line[name_len] == '=')
			r = add(p, line + 2, name_len - 2, line + name_len + 1, len - name_len - 1);
	}
	return r;
}

int udev_properties_read(const struct host *host, const char *name, struct udev_properties *out)
{
	struct udev_properties p = { .n = 0 };
	unsigned int major, minor;
	char devno[24];
	int r;

	host_attr(host, devno, sizeof(devno), "sys/class/block/%s/dev", name);
	if (sscanf(devno, "%u:%u", &major, &minor) != 2)
		return -ENOENT;
	r = host->is_live ? read_live(major, minor, &p) : read_recorded(host, major, minor, &p);
	if (!r && !p.n)
		r = -ENOENT;
	if (r)
		udev_properties_clear(&p);
	else
		*out = p;
	return r;
}

void udev_properties_clear(struct udev_properties *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->names[i]);
		free(p->values[i]);
	}
	free(p->names);
	free(p->values);
	*p = (struct udev_properties){ .n = 0 };
}

const char *udev_property(const struct udev_properties *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->names[i], name))
			return p->values[i];
	return "";
}
