/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one state of a guard: results of all stages. Made once at start, all memory included; boot_step() walks the pipeline over it.
 */
#ifndef MPATH_BOOT_H
#define MPATH_BOOT_H

#include "cmdline.h"
#include "control.h"
#include "discover.h"
#include "dm-worker.h"
#include "event.h"
#include "handoff.h"
#include "policy.h"
#include "probe.h"
#include "rootwatch.h"
#include "uevent.h"

#define MAP_PARTS_MAX 128

enum phase {
	PHASE_GUARD,	/* maps are ours to make and mend */
	PHASE_STANDBY,	/* multipathd holds its lock: hands off */
	PHASE_DONE,	/* multipathd is ready and knows our maps */
	PHASE_NATIVE,	/* all of them are the kernel's own */
	PHASE_ASSEMBLED,	/* assemble has done what it can */
};

/* One path device, from its appearance to its removal. */
struct boot_path {
	bool used;
	struct boot_path *next;	/* of its map, in the order of their appearance; or that is free */
	struct boot_path *next_name;	/* in its chain of boot.by_name */
	bool ask;		/* by rules: the device has not yet said what it is */
	struct path facts;
	int device;		/* in the pool, -1: none yet */
	unsigned int target_number;	/* the same for all paths behind a target */
	bool probing;		/* a job is with a worker */
	bool waiting;		/* it is due, and for a worker */
	bool slow;		/* and has been for a second */
	bool hung;		/* and has passed its deadline */
	bool was_slow;		/* so was the check before */
	bool unsuited;		/* the map's checker cannot be run on it: another stands in */
	bool answered;		/* the device was opened and a check came back at least once */
	enum path_state state;
	int prio;
	const void *prio_ops;	/* of the running job */
	bool wrong_size;	/* another LUN under our WWID, or one half resized */
	bool has_grown;		/* larger than its map */
	bool in_table;		/* the kernel's map has it */
	bool kernel_failed;	/* and counts it as failed */
	struct flap flap;
	bool told_requests;	/* that max_sectors_kb could not be set */
	bool told_passive;	/* why it is not reinstated has been said */
	bool told_refused;	/* that the kernel does not take it, too; until it does */
	bool asked_who;		/* the last job asks for the LUN's identity */
	bool check_first;	/* it failed, or somebody reinstated it, after our last check: that check does not count */
	bool blocked;		/* the last check found that its commands have to wait */
	unsigned int unsure;	/* so many checks in a row could not ask whom it leads to */
	unsigned int group;	/* in the kernel's table, from 1 */
	unsigned int interval_s;	/* to its next check */
	bool hasty;		/* which comes out of turn */
	uint64_t last_probe_ms, next_probe_ms, deadline_ms, refused_until_ms;
	uint64_t submit_ms;	/* when the last check was handed over: it may have stood in the queue since */
	uint64_t spoke_ms;	/* when the last check began that the device has answered */
	bool bad;		/* not usable, or failed in the map */
	unsigned int failures;	/* times it became so */
	uint64_t failed_us;	/* the last of them, in the event log's time */
	char why[64];		/* and its reason; "" if none was given */
};

struct boot_part {
	struct snap_part facts;
	char name[DM_NAME_SIZE];
	char devno[16];		/* "" while it does not exist */
	bool ro;		/* as its map was then */
	uint64_t retry_ms;
	int error;		/* -errno of the last try; said once */
};

struct boot_map {
	const struct snap_map *snap;
	char name[DM_NAME_SIZE], uuid[DM_UUID_SIZE];	/* mangled */
	char devno[16];		/* "" while it does not exist */
	struct table have;	/* what the kernel has */
	char *have_text;	/* and as it says it, cut to */
	size_t have_text_size;
	uint64_t size;		/* of its table */
	struct boot_path *paths;
	struct boot_part *parts;
	size_t n_parts, max_parts;	/* max: room */
	unsigned int plugin_word;	/* what checkers and prioritizers tell each other; theirs alone */
	bool ro;
	struct retry retry;
	bool queued;		/* it did when a multipathd came, which then does not hand it on */
	struct failback failback;
	bool look_at_parts;	/* the kernel may have found partitions since we last looked */
	bool one_by_one;	/* the kernel refused a table: find the path it does not like */
	int error;		/* -errno of the last try to load a table */
	bool simplified;	/* it took none: something of the snapshot's options was given up */
	bool ready;		/* root may mount */
	bool complete;		/* every expected path is in */
	bool no_path;		/* the kernel has failed all that are in its table */
	bool is_native;		/* what it would be made of is the kernel's own already (NVMe) */
	bool warned_size, warned_name, warned_missing, warned_part;
	uint64_t made_ms, first_usable_ms, live_ms, ready_ms, retry_ms;
	uint64_t stranded_ms;	/* since when multipathd leaves it without a path while one waits outside the table; 0: it does not */
	uint64_t next_watch_ms, watched_ms;	/* to ask the kernel for its paths' states */
	uint64_t look_ms, looked_ms;	/* when assemble_step() has to look at it again, 0: now; and when it did */
};

struct generic;		/* generic.h */

struct boot {
	struct cmdline cmdline;
	struct sysroot root;
	struct snapshot *snap;
	const char *snapshot_file;	/* where snap is from; borrowed */
	char snapshot_problem[256];	/* "" if the snapshot was good */
	char appended_problem[256];	/* "" if the appended snapshot was good, or there is none */
	struct boot_map *maps;
	size_t n_maps;
	size_t max_maps;	/* room */
	struct boot_path *paths;
	size_t n_paths;		/* room, not use */
	struct boot_path *free_paths;
	struct boot_path **by_name;	/* chains by a hash of the name */
	size_t n_by_name;	/* a power of two */
	struct generic *generic;	/* NULL: the maps are all in the snapshot */
	struct boot_path **by_device;	/* whose a device of the pool is */
	struct probe_pool *pool;
	struct dm dm;
	struct dm_worker *dm_worker;
	bool dm_busy;
	size_t dm_map;		/* whom the running job is for */
	int dm_part;		/* its partition, -1: the map itself */
	uint64_t dm_start_ms;
	char dm_why[40];	/* what differs, for a reload */
	struct handoff handoff;
	struct control control;
	struct rootwatch rootwatch;
	struct event_log events;
	struct conf *former;	/* the state that an earlier guard left, while maps by rules may come; NULL: there is none */
	struct takeover_past *past;	/* of an earlier guard, takeover.h */
	size_t n_past;
	bool warned_unwanted, native_noted;
	uint64_t unwanted_ms;	/* since when multipathd is ready without our map, 0: it is not */
	enum phase phase;
	int uevent_fd, notify_fd, run_dir_fd;
	uint64_t seqnum;	/* of the last look at all of /sys/block */
	uint64_t now_ms;	/* CLOCK_MONOTONIC, set once a round */
	uint64_t start_ms, next_scan_ms, next_watch_ms;
	uint64_t next_state_ms;	/* no sooner is the state written again */
	int state_error;	/* of the last time it was written; said once */
	uint64_t next_due_ms;	/* of all paths, or earlier */
	uint64_t hurry_ms;	/* whoever still stands in the pool's queue then gets another worker */
	size_t first_due;	/* who was left waiting for a worker comes first */
	bool dm_events;		/* the kernel wakes us when something happens to a map */
	bool asked;		/* somebody is at the control socket */
	bool state_dirty, quit;
	bool leaving;		/* the machine goes down: no map queues for long any more */
	bool touch_nothing;	/* only a plan */
	bool once;		/* no guard: waits for no udev */
	struct buf state;	/* text of the state file */
	char event_text[UEVENT_SIZE];
};

struct boot_options {
	const char *snapshot_file;	/* NULL: the image's, choice.h */
	const char *sysroot;		/* "" */
	const char *wwids;		/* more of them, as rd.mpath_boot.wwid=; NULL: none */
	bool touch_nothing;		/* plan */
	bool once;			/* no guard: room for the disks there are is enough */
	bool discover;			/* every LUN with two paths; without a generic snapshot by rules_built_in */
};

/*
 * Read the kernel command line and the snapshot (falling back to rd.mpath_boot.wwid=), open /sys, /dev, /run. 0; -ENOENT: no map is known to guard;
 * else -errno. Says what is wrong.
 */
int boot_load(struct boot *b, const struct boot_options *opt);

/* Allocate everything, open sockets and mapper/control, start the workers. 0 or -errno, said. */
int boot_start(struct boot *b);
/* What has become of root so far is no news: a guard before us has told it. */
void boot_catch_up(struct boot *b);

/* A new path in its map's list, all else still to be filled in. NULL: there is no room. */
struct boot_path *boot_new_path(struct boot *b, const struct path *facts);

/* Look at every disk in /sys/block. */
void boot_scan(struct boot *b);

/* Look at the disk @name: a path that came, changed, or went. */
void boot_look_at_disk(struct boot *b, const char *name);

/* Fill b->maps[m] for b->snap->maps[m]. */
void boot_init_map(struct boot *b, size_t m);

/* Collect what finished, decide, act. Harmless to run again. */
void boot_step(struct boot *b);

/* Wait for events for at most @max_ms (or forever: -1) but no longer than until something is due. */
void boot_wait(struct boot *b, int max_ms);

/* Its paths, in the order of their appearance. */
#define for_each_path_of(p, map) for (struct boot_path *p = (map)->paths; p; p = p->next)

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t clock_ms(void);

/* The whole second that is nearest: what is not urgent happens at those, together. */
uint64_t boot_tick(uint64_t ms);

/* True when every map whose snapshot says so (needed for @need, 0: any) is ready. */
bool boot_is_ready(const struct boot *b, unsigned int need);

#endif
