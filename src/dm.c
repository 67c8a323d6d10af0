/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dm.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct dm_ioctl *prepare(struct dm *dm, const char *name, const char *uuid)
{
	struct dm_ioctl *io = (void *)dm->mem;

	memset(io, 0, sizeof(*io));
	io->version[0] = 4;	/* minor 0 is all that we need; newer kernels serve it */
	io->data_size = sizeof(dm->mem);
	io->data_start = sizeof(*io);
	if (name)
		snprintf(io->name, sizeof(io->name), "%s", name);
	if (uuid)
		snprintf(io->uuid, sizeof(io->uuid), "%s", uuid);
	return io;
}

static int run(struct dm *dm, unsigned long request)
{
	int r;

	do
		r = ioctl(dm->control_fd, request, dm->mem);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static void fill_info(const struct dm_ioctl *io, struct dm_info *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->name, io->name, sizeof(out->name) - 1);
	memcpy(out->uuid, io->uuid, sizeof(out->uuid) - 1);
	out->major = major(io->dev);
	out->minor = minor(io->dev);
	out->open_count = io->open_count;
	out->ro = io->flags & DM_READONLY_FLAG;
	out->suspended = io->flags & DM_SUSPEND_FLAG;
	out->has_table = io->flags & DM_ACTIVE_PRESENT_FLAG;
}

static int info(struct dm *dm, const char *name, const char *uuid, struct dm_info *out)
{
	struct dm_ioctl *io = prepare(dm, name, uuid);
	int r;

	io->data_size = sizeof(*io);	/* the kernel copies that much twice, all of it */
	r = run(dm, DM_DEV_STATUS);

	if (r == 0)
		fill_info(io, out);
	return r;
}

static int kernel_info_by_uuid(struct dm *dm, const char *uuid, struct dm_info *out)
{
	return info(dm, NULL, uuid, out);
}

static int kernel_info_by_name(struct dm *dm, const char *name, struct dm_info *out)
{
	return info(dm, name, NULL, out);
}

static int first_target(struct dm *dm, const char *uuid, unsigned int flags, char *text, size_t size)
{
	struct dm_ioctl *io = prepare(dm, NULL, uuid);
	const struct dm_target_spec *spec;
	const char *params;
	size_t room;
	int r;

	io->flags = flags | DM_NOFLUSH_FLAG;	/* or a map that queues blocks us */
	r = run(dm, DM_TABLE_STATUS);
	if (r < 0)
		return r;
	if (io->flags & DM_BUFFER_FULL_FLAG)
		return -E2BIG;
	if (io->target_count != 1 || io->data_start > sizeof(dm->mem) - sizeof(*spec) - 1)
		return -EMEDIUMTYPE;
	spec = (const void *)(dm->mem + io->data_start);
	if (strncmp(spec->target_type, "multipath", sizeof(spec->target_type)))
		return -EMEDIUMTYPE;
	params = (const char *)(spec + 1);
	room = sizeof(dm->mem) - (size_t)(params - dm->mem);
	if (strnlen(params, room) == room || strlen(params) >= size)
		return -E2BIG;
	strcpy(text, params);
	return 0;
}

static int kernel_table(struct dm *dm, const char *uuid, char *text, size_t size)
{
	return first_target(dm, uuid, DM_STATUS_TABLE_FLAG, text, size);
}

static int kernel_status(struct dm *dm, const char *uuid, char *text, size_t size)
{
	return first_target(dm, uuid, 0, text, size);
}

static int load(struct dm *dm, const struct dm_request *req)
{
	struct dm_ioctl *io = prepare(dm, NULL, req->uuid);
	struct dm_target_spec *spec = (void *)(dm->mem + sizeof(*io));
	size_t len = strlen(req->params) + 1;

	if (len + 8 > sizeof(dm->mem) - sizeof(*io) - sizeof(*spec))
		return -E2BIG;
	memset(spec, 0, sizeof(*spec));
	spec->length = req->size;
	snprintf(spec->target_type, sizeof(spec->target_type), "%s", req->target);
	memcpy(spec + 1, req->params, len);
	spec->next = (uint32_t)(sizeof(*spec) + ((len + 7) & ~(size_t)7));
	io->target_count = 1;
	if (req->ro)
		io->flags |= DM_READONLY_FLAG;
	return run(dm, DM_TABLE_LOAD);
}

static int resume(struct dm *dm, const struct dm_request *req, struct dm_info *out)
{
	struct dm_ioctl *io = prepare(dm, NULL, req->uuid);
	int r;

	io->flags = DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG;
	io->event_nr = (req->udev_flags | DM_UDEV_NO_LIBRARY_FALLBACK | DM_UDEV_PRIMARY_SOURCE) << 16;
	r = run(dm, DM_DEV_SUSPEND);
	if (r == 0 && out)
		fill_info(io, out);
	return r;
}

static void undo_create(struct dm *dm, const struct dm_request *req)
{
	prepare(dm, NULL, req->uuid);
	run(dm, DM_DEV_REMOVE);	/* an empty map of ours: should it fail, the next create says EBUSY */
}

/* A guard that was killed when it had got as far as this has left it, without a table. */
static bool is_left_over(struct dm *dm, const char *uuid)
{
	struct dm_info found;

	return info(dm, NULL, uuid, &found) == 0 && !found.has_table;
}

static int kernel_create(struct dm *dm, const struct dm_request *req, struct dm_info *out)
{
	int r;

	prepare(dm, req->name, req->uuid);
	r = run(dm, DM_DEV_CREATE);
	if (r < 0 && !(r == -EBUSY && is_left_over(dm, req->uuid)))
		return r;
	r = load(dm, req);
	if (r == 0)
		r = resume(dm, req, out);
	if (r < 0)
		undo_create(dm, req);
	return r;
}

/* Some things are wrong with a table only when it is to be used (a path that is too small): the map stays suspended then, with its old table. */
static int kernel_reload(struct dm *dm, const struct dm_request *req)
{
	int r = load(dm, req);

	if (r < 0)
		return r;
	r = resume(dm, req, NULL);
	if (r < 0)
		resume(dm, req, NULL);
	return r;
}

static int kernel_message(struct dm *dm, const char *uuid, const char *text)
{
	struct dm_ioctl *io = prepare(dm, NULL, uuid);
	struct dm_target_msg *msg = (void *)(dm->mem + sizeof(*io));

	msg->sector = 0;
	snprintf(msg->message, sizeof(dm->mem) - sizeof(*io) - sizeof(*msg), "%s", text);
	return run(dm, DM_TARGET_MSG);
}

static int kernel_arm(struct dm *dm)
{
	prepare(dm, NULL, NULL)->data_size = sizeof(struct dm_ioctl);
	return run(dm, DM_DEV_ARM_POLL);
}

static const struct dm_ops kernel_ops = {
	.info_by_uuid = kernel_info_by_uuid,
	.info_by_name = kernel_info_by_name,
	.table = kernel_table,
	.status = kernel_status,
	.create = kernel_create,
	.reload = kernel_reload,
	.message = kernel_message,
	.arm = kernel_arm,
};

int dm_open(struct dm *dm, const struct sysroot *root)
{
	dm->ops = &kernel_ops;
	dm->control_fd = openat(root->dev_fd, "mapper/control", O_RDWR | O_CLOEXEC);
	return dm->control_fd < 0 ? -errno : 0;
}

void dm_share(struct dm *dm, const struct dm *from)
{
	dm->ops = from->ops;
	dm->control_fd = from->control_fd;
}

void dm_close(struct dm *dm)
{
	close_ptr(&dm->control_fd);
	dm->control_fd = -1;
}
