/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tune.h"

#include <stdio.h>

#include "discover.h"

#define DEV_LOSS_MAX 2147483647	/* what "infinity" means to the FC transport (scsi_transport_fc.h) */
#define DEV_LOSS_ALONE_MAX 600	/* it takes no more without fast_io_fail_tmo (SCSI_DEVICE_BLOCK_MAX_TIMEOUT) */

static void write_attr(const struct sysroot *root, const char *attr, const char *text, struct tune_error *err)
{
	char now[32], line[32];
	int r;

	if (sys_read_str(root->sys_fd, attr, now, sizeof(now)) < 0 || streq(now, text))
		return;	/* this transport has no such attribute, or it is as we want it */
	snprintf(line, sizeof(line), "%s\n", text);
	r = sys_write(root->sys_fd, attr, line);
	if (r < 0 && !err->attr[0]) {
		snprintf(err->attr, sizeof(err->attr), "%s", attr);
		err->error = r;
	}
}

static void write_class(const struct sysroot *root, const char *class, const char *device, const char *name, const char *text,
			struct tune_error *err)
{
	char attr[96];

	if (*text && snprintf(attr, sizeof(attr), "class/%s/%s/%s", class, device, name) < (int)sizeof(attr))
		write_attr(root, attr, text, err);
}

/* "" if it was not set. */
static void tmo_text(int tmo, const char *off, const char *infinity, char text[16])
{
	if (tmo == TMO_OFF || tmo == TMO_INFINITY)
		snprintf(text, 16, "%s", tmo == TMO_OFF ? off : infinity);
	else if (tmo >= 0)
		snprintf(text, 16, "%d", tmo);
	else
		text[0] = '\0';
}

/* A remote port that the kernel forgets while its map still queues is lost for the map: dev_loss_tmo is at least as long as queueing lasts. */
static int dev_loss(const struct snap_map *map, unsigned int polling_interval_s)
{
	int tmo = map->dev_loss_tmo == TMO_INFINITY ? DEV_LOSS_MAX : map->dev_loss_tmo;

	if (map->no_path_retry == NO_PATH_RETRY_QUEUE)
		return DEV_LOSS_MAX;
	if (map->no_path_retry > 0 && tmo >= 0 && (int64_t)map->no_path_retry * polling_interval_s > tmo)
		return (int)((int64_t)map->no_path_retry * polling_interval_s);
	return tmo;
}

static void tune_fc(const struct sysroot *root, const char *rport, const struct snap_map *map, unsigned int polling_interval_s,
		    struct tune_error *err)
{
	int tmo = dev_loss(map, polling_interval_s);
	char fast[16], loss[16];

	if (map->fast_io_fail_tmo == TMO_OFF && tmo > DEV_LOSS_ALONE_MAX)
		tmo = DEV_LOSS_ALONE_MAX;
	tmo_text(map->fast_io_fail_tmo, "off", "off", fast);
	tmo_text(tmo, "", "", loss);
	/*
	 * The kernel wants fast_io_fail_tmo below dev_loss_tmo, and allows more than 600 s of the latter only with the former set
	 * (drivers/scsi/scsi_transport_fc.c): whichever order, one of the two may be refused until the other is there.
	 */
	write_class(root, "fc_remote_ports", rport, "fast_io_fail_tmo", fast, &(struct tune_error) { 0 });
	write_class(root, "fc_remote_ports", rport, "dev_loss_tmo", loss, err);
	write_class(root, "fc_remote_ports", rport, "fast_io_fail_tmo", fast, err);
}

int tune_requests(const struct sysroot *root, const char *name, unsigned int max_sectors_kb)
{
	struct tune_error err = { .error = 0 };
	char attr[96], text[16];

	snprintf(attr, sizeof(attr), "block/%s/queue/max_sectors_kb", name);
	snprintf(text, sizeof(text), "%u", max_sectors_kb);
	write_attr(root, attr, text, &err);
	return err.error;
}

void tune_path(const struct sysroot *root, const struct path *path, const struct snap_map *map, unsigned int polling_interval_s,
	       struct tune_error *err)
{
	char device[48], text[16];

	memset(err, 0, sizeof(*err));
	if (path->bus != BUS_SCSI)
		return;
	if (path_component(path->syspath, "rport-", device, sizeof(device))) {
		tune_fc(root, device, map, polling_interval_s, err);
	} else if (path_component(path->syspath, "session", device, sizeof(device))) {
		/* 0 would mean "fail at once", also over a blip: multipathd leaves it alone, too */
		if (map->fast_io_fail_tmo > 0) {
			tmo_text(map->fast_io_fail_tmo, "", "", text);
			write_class(root, "iscsi_session", device, "recovery_tmo", text, err);
		}
	} else if (path_component(path->syspath, "end_device-", device, sizeof(device))) {
		tmo_text(dev_loss(map, polling_interval_s), "", "", text);
		write_class(root, "sas_end_device", device, "I_T_nexus_loss_timeout", text, err);
	}
	tmo_text(map->eh_deadline, "off", "off", text);
	if (path_component(path->syspath, "host", device, sizeof(device)))
		write_class(root, "scsi_host", device, "eh_deadline", text, err);
}
