/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path-facts.h"

#include <fcntl.h>
#include <stdio.h>

#include "nvme.h"
#include "scsi.h"
#include "sysroot.h"

#define VPD_SIZE 4096
#define RTPG_SIZE 512

const char *path_facts_component(const char *dir, const char *prefix, size_t *len)
{
	for (const char *p = dir; (p = strchr(p, '/')); ) {
		const char *rest = str_after(++p, prefix);

		if (rest && *rest >= '0' && *rest <= '9') {
			*len = strcspn(p, "/");
			return p;
		}
	}
	return NULL;
}

/* multipath-tools' word for the transport, from the device's place in the tree. */
static const char *scsi_protocol(int sys_fd, const char *dir)
{
	static const struct {
		const char *component, *protocol;
	} places[] = {
		{ "session", "scsi:iscsi" },
		{ "rport-", "scsi:fcp" },
		{ "end_device-", "scsi:sas" },
		{ "ata", "scsi:ata" },
	};
	const char *host;
	char name[80];
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (path_facts_component(dir, places[i].component, &len))
			return places[i].protocol;
	if (strstr(dir, "/usb"))
		return "scsi:usb";
	host = path_facts_component(dir, "host", &len);
	if (host) {
		snprintf(name, sizeof(name), "class/srp_host/%.*s", (int)len, host);
		if (faccessat(sys_fd, name, F_OK, 0) == 0)
			return "scsi:srp";
	}
	return "scsi:unspec";
}

static void read_attr(int dir_fd, const char *attr, char *buf, size_t size)
{
	if (sys_read_str(dir_fd, attr, buf, size) < 0)
		buf[0] = '\0';
}

static void read_scsi(int sys_fd, int dir_fd, const char *dir, struct path_facts *f)
{
	uint8_t inquiry[256], page[VPD_SIZE];
	unsigned int group;
	ssize_t n;

	f->bus = BUS_SCSI;
	snprintf(f->protocol, sizeof(f->protocol), "%s", scsi_protocol(sys_fd, dir));
	read_attr(dir_fd, "device/vendor", f->vendor, sizeof(f->vendor));
	read_attr(dir_fd, "device/model", f->product, sizeof(f->product));
	read_attr(dir_fd, "device/rev", f->revision, sizeof(f->revision));
	read_attr(dir_fd, "device/dh_state", f->dh_state, sizeof(f->dh_state));
	f->has_access_state = faccessat(dir_fd, "device/access_state", F_OK, 0) == 0 && f->dh_state[0] && !streq(f->dh_state, "detached");

	n = sys_read(dir_fd, "device/inquiry", inquiry, sizeof(inquiry));
	if (n > 5)
		f->tpgs = inquiry[5] >> 4 & 3;
	n = f->tpgs > TPGS_NONE ? sys_read(dir_fd, "device/vpd_pg83", page, sizeof(page)) : 0;
	if (n > 0 && vpd83_port_group(page, (size_t)n, &group) != 0)
		f->tpgs = TPGS_NONE;
}

static void read_nvme(int dir_fd, struct path_facts *f)
{
	char transport[16];

	f->bus = BUS_NVME;
	snprintf(f->vendor, sizeof(f->vendor), "NVME");
	read_attr(dir_fd, "device/model", f->product, sizeof(f->product));
	read_attr(dir_fd, "device/firmware_rev", f->revision, sizeof(f->revision));
	read_attr(dir_fd, "device/transport", transport, sizeof(transport));
	f->has_ana = faccessat(dir_fd, "ana_state", F_OK, 0) == 0;
	snprintf(f->protocol, sizeof(f->protocol), "nvme:%s", transport);
}

static void read_dasd(int dir_fd, struct path_facts *f)
{
	char discipline[16];

	f->bus = BUS_DASD;
	read_attr(dir_fd, "device/discipline", discipline, sizeof(discipline));
	snprintf(f->vendor, sizeof(f->vendor), "IBM");
	snprintf(f->product, sizeof(f->product), "S/390 DASD %s", discipline);
	snprintf(f->protocol, sizeof(f->protocol), "ccw");
}

int path_facts_read(int sys_fd, const char *name, struct path_facts *out)
{
	struct path_facts f = { .tpgs = TPGS_UNKNOWN };
	_auto_close_ int dir_fd = -1;
	char link[64], dir[512];
	uint64_t timeout;

	if ((size_t)snprintf(f.name, sizeof(f.name), "%s", name) >= sizeof(f.name))
		return -ENAMETOOLONG;
	snprintf(link, sizeof(link), "class/block/%.31s", name);
	dir_fd = openat(sys_fd, link, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0) {	/* a recorded machine may have one of the two */
		snprintf(link, sizeof(link), "block/%.31s", name);
		dir_fd = openat(sys_fd, link, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (dir_fd < 0)
		return -errno;
	if (sys_read_link(sys_fd, link, dir, sizeof(dir)) < 0)
		dir[0] = '\0';
	if (str_after(name, "nvme"))
		read_nvme(dir_fd, &f);
	else if (str_after(name, "dasd"))
		read_dasd(dir_fd, &f);
	else
		read_scsi(sys_fd, dir_fd, dir, &f);
	if (sys_read_u64(dir_fd, "device/timeout", &timeout) == 0 && timeout < UINT32_MAX)
		f.timeout_s = (unsigned int)timeout;
	*out = f;
	return 0;
}

static bool is_good(const struct scsi_result *result)
{
	return result->status == 0 && result->host_status == 0;
}

/* RDAC arrays say "vac1" in vendor page 0xC9; it is only asked for where page 0x00 lists it. */
static bool ask_rdac(int fd, unsigned int timeout_ms, uint8_t *data)
{
	static const uint8_t supported[] = { 0x12, 1, 0x00, 0, 255, 0 }, rdac[] = { 0x12, 1, 0xc9, 0, 48, 0 };
	struct scsi_result result;
	bool listed = false;

	if (scsi_command(fd, supported, sizeof(supported), data, 255, timeout_ms, &result) != 0 || !is_good(&result))
		return false;
	for (size_t i = 4; i < result.data_len && i < 4u + data[3]; i++)
		listed = listed || data[i] == 0xc9;
	return listed && scsi_command(fd, rdac, sizeof(rdac), data, 48, timeout_ms, &result) == 0 && is_good(&result) &&
	       result.data_len >= 8 && memcmp(data + 4, "vac1", 4) == 0;
}

/* multipath-tools believes TPGS only if REPORT TARGET PORT GROUPS works. */
static bool denies_alua(int fd, unsigned int timeout_ms, uint8_t *data)
{
	static const uint8_t rtpg[] = { 0xa3, 0x0a, 0, 0, 0, 0, 0, 0, RTPG_SIZE >> 8, RTPG_SIZE & 0xff, 0, 0 };	/* SPC-4 6.37 */
	struct scsi_result result;
	struct scsi_sense sense;

	for (int tries = 0; tries < 3; tries++) {
		if (scsi_command(fd, rtpg, sizeof(rtpg), data, RTPG_SIZE, timeout_ms, &result) != 0 || is_good(&result))
			return false;
		if (scsi_sense_decode(result.sense, result.sense_len, &sense) == 0 && sense.key == 5)	/* ILLEGAL REQUEST */
			return true;
	}
	return false;
}

void path_facts_ask(int dev_fd, unsigned int timeout_ms, uint8_t *page, struct path_facts *f)
{
	_Static_assert(PATH_FACTS_PAGE >= NVME_IDENTIFY_SIZE, "Identify fills the page");

	if (f->bus == BUS_NVME && !f->has_ana)
		f->has_ana = nvme_identify_controller(dev_fd, page, timeout_ms) == 0 && nvme_controller_has_ana(page, NVME_IDENTIFY_SIZE);
	if (f->bus != BUS_SCSI)
		return;
	if (f->tpgs > TPGS_NONE && denies_alua(dev_fd, timeout_ms, page))
		f->tpgs = TPGS_NONE;
	f->is_rdac = ask_rdac(dev_fd, timeout_ms, page);
}
