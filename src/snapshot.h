/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The snapshot: root's maps by WWID with every option already resolved (mpath-boot.snapshot(5)); or, in a generic one, the rules by which
 * maps are made of whatever LUNs the machine turns out to have.
 * Read-only once parsed; all strings live as long as the struct snapshot.
 */
#ifndef MPATH_SNAPSHOT_H
#define MPATH_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_FILE "/etc/mpath-boot/snapshot"
#define SNAPSHOT_VERSION 2		/* the newest that is understood */
#define SNAPSHOT_VERSION_MAPS 1		/* what one without a section "generic" says it is */

enum pg_policy {
	POLICY_FAILOVER,
	POLICY_MULTIBUS,
	POLICY_GROUP_BY_SERIAL,
	POLICY_GROUP_BY_PRIO,
	POLICY_GROUP_BY_NODE_NAME,
	POLICY_GROUP_BY_TPG,
};

enum rr_weight {
	RR_WEIGHT_UNIFORM,
	RR_WEIGHT_PRIORITIES,
};

/* no_path_retry: a positive number is a count of checks, 0 is fail. */
#define NO_PATH_RETRY_UNDEF (-2)
#define NO_PATH_RETRY_QUEUE (-1)
#define NO_PATH_RETRY_FAIL 0

/* failback: a positive number is seconds. */
#define FAILBACK_MANUAL (-1)
#define FAILBACK_IMMEDIATE 0
#define FAILBACK_FOLLOWOVER (-2)

/* fast_io_fail_tmo, dev_loss_tmo, eh_deadline, ghost_delay: seconds, or one of these. */
#define TMO_UNDEF (-1)
#define TMO_OFF (-2)
#define TMO_INFINITY (-3)

enum snap_need {
	NEED_ROOT = 1 << 0,
	NEED_USR = 1 << 1,
	NEED_RESUME = 1 << 2,
	NEED_GROUP = 1 << 3,	/* alone: other volumes of a volume group that one of these is on, or what fstab mounts in the initramfs besides */
};

struct snap_part {
	unsigned int number;
	uint64_t start, size;	/* 512-byte sectors */
};

/* A path known when the snapshot was made. Strings are "" where they do not apply. */
struct snap_path {
	const char *transport;	/* "iscsi", "fc", "sas", "nvme", ... */
	const char *driver;	/* of the host adapter, e.g. "iscsi_tcp" */
	const char *target;	/* target port: IQN, WWPN, SAS address */
	const char *portal;	/* iSCSI: address:port */
	const char *interface;	/* iSCSI: network interface */
	uint64_t lun;
};

struct snap_map {
	const char *wwid;
	const char *alias;	/* unmangled map name */
	const char *uid_attribute;
	const char **designators;	/* "naa.6001405…", strongest first; see scsi.h */
	size_t n_designators;
	unsigned int needed_for;	/* enum snap_need */
	uint64_t size;			/* 512-byte sectors, 0 if unknown */

	enum pg_policy policy;
	const char *selector;	/* "service-time 0" */
	const char *features;	/* "0", "2 pg_init_retries 50"; without queue_if_no_path */
	const char *hwhandler;	/* "0", "1 alua" */
	int no_path_retry;
	const char *prio, *prio_args;
	const char *checker;
	unsigned int checker_timeout_ms;
	unsigned int minio;
	enum rr_weight rr_weight;
	int failback;
	bool skip_kpartx;
	const char *part_delim;
	int fast_io_fail_tmo, dev_loss_tmo, eh_deadline, ghost_delay;
	unsigned int max_sectors_kb;	/* 0: as the driver has it */

	struct snap_part *parts;
	size_t n_parts;
	struct snap_path *paths;
	size_t n_paths;
	unsigned int line;	/* where its section starts; 0: made at boot */
	bool by_rules;		/* made at boot by the rules of a generic snapshot: nobody knows how many paths to expect */
	bool gone;		/* by_rules: multipathd has removed it */
};

struct rules;	/* rules.h */
struct conf;

struct snapshot {
	struct snap_map *maps;
	size_t n_maps;
	const char *generator, *tools;
	const char **extensions;	/* files with code of others that its maps need: extension-name.h */
	size_t n_extensions;
	unsigned int polling_interval, max_polling_interval;	/* seconds */
	bool is_excerpt;	/* it has more maps than these: excerpt.h */
	bool from_cmdline;	/* there was no good file; maps are those of rd.mpath_boot.wwid= */
	const char **others;	/* designators of LUNs that are multipath and none of the maps: nobody else is to take one path of them */
	size_t n_others;
	struct rules *rules;	/* of a generic snapshot, else NULL */
	const struct conf *lists;	/* its sections blacklist and blacklist_exceptions are about disks with a map in the snapshot; NULL: there are none */
	void *priv;		/* the text and the arrays */
};

/* What is wrong with a snapshot, for the one who knows the context to print. */
struct snapshot_error {
	unsigned int line;	/* 0: the file as a whole */
	char text[160];		/* what is wrong, and the remedy */
};

/* Names of the policies, for parser and printer alike. */
extern const char *const policy_names[];
extern const size_t n_policy_names;

/*
 * Parse @len bytes of @text (copied). -EBADMSG for a malformed or truncated one or a wrong checksum, -EPROTONOSUPPORT for a newer version,
 * -ENOMEM. *out (owned by the caller, snapshot_free()) is left alone when it fails; @err is filled then.
 */
int snapshot_parse(const char *text, size_t len, struct snapshot **out, struct snapshot_error *err);

/* The same from a file of at most SNAPSHOT_SIZE_MAX bytes, owned by root and not writable by others (-EPERM). Also -errno of open() and read(). */
#define SNAPSHOT_SIZE_MAX (4u << 20)
int snapshot_load(const char *file, struct snapshot **out, struct snapshot_error *err);

/* What snapshot_load() asks of a file, so far: it is open for reading then, or -errno. */
int snapshot_open(const char *file, size_t *size, struct snapshot_error *err);

/* One section "map" of it alone, to look at: 0 or -errno. Its strings are the tree's, the rest goes with snapshot_release_map(), also when it failed. */
struct conf_node;
int snapshot_read_map(const struct conf_node *section, struct snap_map *out);
void snapshot_release_map(struct snap_map *m);

/*
 * Add a map for each WWID of @wwids (comma separated, rd.mpath_boot.wwid=) that @snap does not name yet, with multipathd's built-in defaults, so that a
 * machine whose snapshot is gone can boot. *snap may be NULL: one is made. 0, -EINVAL if a WWID cannot be one (the others are added all the same), -ENOMEM.
 */
int snapshot_add_wwids(struct snapshot **snap, const char *wwids);

/* A generic snapshot that no file was needed for: rules_built_in. 0 or -ENOMEM. */
int snapshot_built_in(struct snapshot **out);

/* Make room for @n more maps, so that adding them allocates nothing. 0 or -ENOMEM. */
int snapshot_reserve(struct snapshot *snap, size_t n);

/* multipathd's built-in defaults; no WWID and no alias yet. */
void snapshot_init_map(struct snap_map *m);

/* Give option @keyword of @m the value @value (borrowed). False: the keyword is unknown or the value bad. */
bool snapshot_set_option(struct snap_map *m, const char *keyword, const char *value);

/* Whether this may be the WWID, the alias of a map. */
bool snapshot_is_wwid(const char *s);
bool snapshot_is_alias(const char *s);
bool snapshot_is_designator(const char *s);

/*
 * The line that says @key of @map, and what its comment says of its origin (NULL if nothing) in *origin. 0: it is not said, a default counts.
 */
unsigned int snapshot_find_line(const struct snapshot *snap, const struct snap_map *map, const char *key, const char **origin);

void snapshot_free(struct snapshot *snap);

#endif
