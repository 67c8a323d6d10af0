/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which disks are paths of the snapshot's maps: identity from /sys, without I/O to any device.
 */
#ifndef MPATH_DISCOVER_H
#define MPATH_DISCOVER_H

#include "path.h"
#include "scsi.h"
#include "snapshot.h"
#include "sysroot.h"

/*
 * Look at the disk @name. 1: it is a path, *out is filled. 0: not a disk we know how to identify, or foreign.
 * -EALREADY: it is one, but the kernel itself makes it multipath (NVMe). Else -errno: gone, or its attributes cannot be read.
 * Foreign disks cost one attribute.
 */
int discover_disk(const struct sysroot *root, const struct snapshot *snap, const char *name, struct path *out);

/* Only which map of @snap it is a path of, in *map. As discover_disk(), for a fifth of the cost. */
int discover_map(const struct sysroot *root, const struct snapshot *snap, const char *name, size_t *map);

/* Everything that the disk itself says it is called, as snapshots write it: a map of which none is the first designator is not its map. */
#define DISK_NAMES_MAX 16
struct disk_names {
	size_t n;
	bool has_more;
	char text[DISK_NAMES_MAX][DESIGNATOR_MAX];
};
void discover_names(const struct sysroot *root, const char *name, struct disk_names *out);
/* May it be a path of @map? Only designators of the array's or of VPD page 0x80, or none at all, leave that open. */
bool discover_may_be_of(const struct disk_names *names, const struct snap_map *map);

/*
 * The statement of @snap's sections blacklist that names the disk, so that multipathd would take it out of any map; NULL: none does. Only what is known
 * without I/O and without udev is looked at: name and protocol.
 */
struct conf_node;
const struct conf_node *discover_blacklisted(const struct sysroot *root, const struct snapshot *snap, const char *name);

/* Does VPD page 0x83, fresh from a device, name the LUN of @map: by its first designator, or, where it has none, by a NAA that is its WWID? Pure. */
enum identity {
	IDENTITY_UNKNOWN,	/* it does not say */
	IDENTITY_SAME,
	IDENTITY_OTHER,
};
enum identity discover_identity(const struct snap_map *map, const uint8_t *page, size_t len);
/* The same of the kernel's copy of that page, of the disk with number @devno ("8:0"). IDENTITY_UNKNOWN also where there is none. */
enum identity discover_device_identity(const struct sysroot *root, const struct snap_map *map, const char *devno);

/* The component of @syspath that starts with @prefix and a digit: "session1" of prefix "session". False if there is none. */
bool path_component(const char *syspath, const char *prefix, char *out, size_t size);
/* The same for a disk that is known to be a path of map @map: 1 or -errno. */
int discover_path(const struct sysroot *root, size_t map, const char *name, struct path *out);

/*
 * The WWID that multipathd would give the disk @name where udev tells nothing: of VPD page 0x83, NVMe's wwid, DASD's uid. @wwid has WWID_MAX bytes.
 * 0, -ENOENT: it has none, -errno.
 */
int discover_wwid(const struct sysroot *root, const char *name, char *wwid);

/* True for an NVMe namespace whose paths the kernel itself puts together (nvme_core.multipath=Y): it needs no map. */
bool discover_is_native(const struct sysroot *root, const char *name);

/* True for the kernel names that multipathd considers: sd*, nvme*n*, dasd*. No partitions. */
bool discover_name_is_disk(const char *name);

/* The SCSI device handler attached to path @name ("alua"), or "" if none. */
void discover_dh_state(const struct sysroot *root, const char *name, char *out, size_t size);

/* Partitions of disk @name as the kernel has scanned them, sorted by number: their count (at most @max), or -errno. */
int discover_parts(const struct sysroot *root, const char *name, struct snap_part *out, size_t max);

/*
 * For identities that only udev can tell: claim writes the WWID that it saw into /run/mpath-boot/claims/<name>,
 * discover_disk() reads it for maps without designators. 0 or -errno.
 */
int discover_note_claim(const struct sysroot *root, const char *name, const char *wwid);

/* What was noted of disk @name, in @wwid (WWID_MAX bytes). 0; -ESTALE: that was another disk of this name; -errno. */
int discover_read_claim(const struct sysroot *root, const char *name, char *wwid);

#endif
