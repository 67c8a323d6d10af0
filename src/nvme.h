/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NVMe admin commands we send, and pure decoders for their replies. Facts: NVM Express base specification 1.4, the
 * sections named; linux/nvme_ioctl.h.
 */
#ifndef MPATH_NVME_H
#define MPATH_NVME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of @key in "traddr=10.0.2.2,trsvcid=4420,src_addr=10.0.2.15", the kernel's way to write addresses; "" if there is none. */
void nvme_address_part(const char *address, const char *key, char *buf, size_t size);

#define NVME_IDENTIFY_SIZE 4096

/* The id of the namespace that the block device @fd is. 0 and *nsid, or -errno. */
int nvme_namespace_id(int fd, uint32_t *nsid);

/* Identify (5.15) into @data, NVME_IDENTIFY_SIZE bytes. 0, -EIO if the controller refuses, -errno of the ioctl. */
int nvme_identify_controller(int fd, void *data, unsigned int timeout_ms);
int nvme_identify_namespace(int fd, uint32_t nsid, void *data, unsigned int timeout_ms);

/* Does the controller report asymmetric access (figure 247, CMIC bit 3)? */
bool nvme_controller_has_ana(const uint8_t *identify, size_t len);

/* The namespace's ANA group (figure 245, ANAGRPID); 0: none. */
uint32_t nvme_namespace_ana_group(const uint8_t *identify, size_t len);

enum nvme_ana_state {	/* figure 204 */
	NVME_ANA_OPTIMIZED = 0x1,
	NVME_ANA_NON_OPTIMIZED = 0x2,
	NVME_ANA_INACCESSIBLE = 0x3,
	NVME_ANA_PERSISTENT_LOSS = 0x4,
	NVME_ANA_CHANGE = 0xf,
};

/* Get Log Page (5.14): @len bytes of the ANA log from byte @offset on, without the lists of namespaces. Both are multiples of 4. */
int nvme_ana_log(int fd, uint64_t offset, void *data, size_t len, unsigned int timeout_ms);

/* Where the first group descriptor is. */
#define NVME_ANA_LOG_HEADER 16

/* How many groups the log has, from its first bytes (figure 203). -EBADMSG if @len is too short. */
int nvme_ana_log_groups(const uint8_t *log, size_t len);

/*
 * Go through the @*groups descriptors that begin at @data; *groups becomes the number of those that are not whole in the @len bytes,
 * and the return value says where the first of these begins. When @group is met, *state is its state and *groups 0.
 */
size_t nvme_ana_find_group(const uint8_t *data, size_t len, uint32_t group, unsigned int *groups, unsigned int *state);

#endif
