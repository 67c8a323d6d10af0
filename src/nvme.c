/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nvme.h"

#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "device.h"
#include "util.h"

enum {
	ADMIN_GET_LOG_PAGE = 0x02,
	ADMIN_IDENTIFY = 0x06,
	CNS_NAMESPACE = 0x00,
	CNS_CONTROLLER = 0x01,
	LOG_ANA = 0x0c,
	LSP_GROUPS_ONLY = 1 << 8,	/* RGO, in command dword 10 */
	DESCRIPTOR_SIZE = 32,
};

void nvme_address_part(const char *address, const char *key, char *buf, size_t size)
{
	size_t key_len = strlen(key), len;

	buf[0] = '\0';
	for (; *address && !buf[0]; address += len + (address[len] == ',')) {
		len = strcspn(address, ",");
		if (len > key_len && strncmp(address, key, key_len) == 0 && address[key_len] == '=')
			snprintf(buf, size, "%.*s", (int)(len - key_len - 1), address + key_len + 1);
	}
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* A positive return is the status field of the completion. */
static int run_admin(int fd, struct nvme_admin_cmd *cmd)
{
	int r = device_ioctl(fd, NVME_IOCTL_ADMIN_CMD, cmd);

	return r < 0 ? -errno : r ? -EIO : 0;
}

int nvme_namespace_id(int fd, uint32_t *nsid)
{
	int r = device_ioctl(fd, NVME_IOCTL_ID, NULL);

	if (r < 0)
		return -errno;
	*nsid = (uint32_t)r;
	return 0;
}

static int identify(int fd, uint32_t nsid, uint32_t cns, void *data, unsigned int timeout_ms)
{
	struct nvme_admin_cmd cmd = {
		.opcode = ADMIN_IDENTIFY,
		.nsid = nsid,
		.addr = (uintptr_t)data,
		.data_len = NVME_IDENTIFY_SIZE,
		.cdw10 = cns,
		.timeout_ms = timeout_ms,
	};

	return run_admin(fd, &cmd);
}

int nvme_identify_controller(int fd, void *data, unsigned int timeout_ms)
{
	return identify(fd, 0, CNS_CONTROLLER, data, timeout_ms);
}

int nvme_identify_namespace(int fd, uint32_t nsid, void *data, unsigned int timeout_ms)
{
	return identify(fd, nsid, CNS_NAMESPACE, data, timeout_ms);
}

bool nvme_controller_has_ana(const uint8_t *data, size_t len)
{
	return len > 76 && data[76] & 0x08;
}

uint32_t nvme_namespace_ana_group(const uint8_t *data, size_t len)
{
	return len >= 96 ? le32(data + 92) : 0;
}

int nvme_ana_log(int fd, uint64_t offset, void *data, size_t len, unsigned int timeout_ms)
{
	uint32_t dwords = (uint32_t)(len / 4 - 1);	/* counted from 0 */
	struct nvme_admin_cmd cmd = {
		.opcode = ADMIN_GET_LOG_PAGE,
		.nsid = 0xffffffff,	/* the log is the controller's */
		.addr = (uintptr_t)data,
		.data_len = (uint32_t)len,
		.cdw10 = dwords << 16 | LSP_GROUPS_ONLY | LOG_ANA,
		.cdw11 = dwords >> 16,
		.cdw12 = (uint32_t)offset,
		.cdw13 = (uint32_t)(offset >> 32),
		.timeout_ms = timeout_ms,
	};

	return run_admin(fd, &cmd);
}

int nvme_ana_log_groups(const uint8_t *log, size_t len)
{
	return len < NVME_ANA_LOG_HEADER ? -EBADMSG : log[9] << 8 | log[8];
}

size_t nvme_ana_find_group(const uint8_t *data, size_t len, uint32_t group, unsigned int *groups, unsigned int *state)
{
	size_t at = 0;

	while (*groups && at <= len && len - at >= DESCRIPTOR_SIZE) {
		const uint8_t *d = data + at;

		if (le32(d) == group) {
			*state = d[16] & 0xf;
			*groups = 0;
			return at;
		}
		/* A controller may list the namespaces though it was asked not to. */
		at += DESCRIPTOR_SIZE + 4 * (size_t)le32(d + 4);
		--*groups;
	}
	return at;
}
