/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SG_IO boundary, and pure decoders for what SCSI devices say about themselves.
 * Decoders take foreign bytes: every length is checked, nothing is trusted.
 */
#ifndef MPATH_SCSI_H
#define MPATH_SCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest text of a designator: "vnd." + (24 vendor and model bytes + 252 designator bytes) in hex. */
#define DESIGNATOR_MAX 560
#define WWID_MAX 128	/* DM_UUID_LEN is 129, less "mpath-" (linux/dm-ioctl.h) */

/*
 * Visit each designator with association 0 (the logical unit) of VPD page 0x83 (SPC-4 7.8.6), in page order.
 * @text is "<type>.<lower-case hex of the designator bytes>", type one of naa eui t10 name uuid vnd; types that name
 * something other than this LUN (port, port group, LUN group, MD5) are left out. @score says how strong it is
 * as an identity, in the order multipathd prefers: NAA-6 > NAA-5 > NAA-2 > EUI-64 > name > T10 > NAA-3 > uuid > vendor specific.
 * @idstr is the 24 bytes of vendor and model that go in front of a vendor specific designator, NULL for none.
 * Returns 0, or -EBADMSG if the page is malformed (what came before the fault has been visited).
 */
struct designator {
	char text[DESIGNATOR_MAX];
	int score;
	const uint8_t *bytes;	/* borrowed from the page */
	size_t len;
	unsigned int type;	/* SPC-4 table 531 */
};
int vpd83_visit(const uint8_t *page, size_t len, const char *idstr,
		int (*visit)(const struct designator *d, void *arg), void *arg);

/*
 * The WWID multipathd would derive from this designator (reference: multipath-tools' documented uid fallback):
 * NAA '3'+hex, EUI-64 '2'+hex, name string eui./naa./iqn. '2'/'3'/'8', T10 '1'+text with blanks folded to '_'.
 * @wwid holds WWID_MAX bytes. Returns 0, -ENOENT when this type has none, -ENAMETOOLONG.
 */
int designator_wwid(const struct designator *d, char *wwid);

/* A designator's text of a kind that says nothing without the INQUIRY data, or is on another page. */
bool designator_is_weak(const char *text);

/* The target port group of the port that answered: association 1, type 5 (SPC-4 7.8.6.8). 0, -ENOENT, -EBADMSG. */
int vpd83_port_group(const uint8_t *page, size_t len, unsigned int *group);

/* VPD page 0x80: "vpd80.<hex of idstr and serial>" into @text. 0 or -EBADMSG. */
int vpd80_text(const uint8_t *page, size_t len, const char *idstr, char *text);

/* What became of one SCSI command. */
struct scsi_result {
	int error;		/* -errno of the ioctl itself, 0 if it was answered */
	uint8_t status;		/* SAM-5 status byte */
	uint16_t host_status;	/* DID_* (include/scsi/scsi_host.h) */
	uint16_t driver_status;
	uint8_t sense_len;
	uint8_t sense[64];
	size_t data_len;	/* bytes that arrived */
};

struct scsi_sense {
	uint8_t key, asc, ascq;	/* SPC-4 4.5 */
};

enum {	/* SPC-4 4.5.6: sense keys */
	SENSE_NOT_READY = 0x2,
	SENSE_ILLEGAL_REQUEST = 0x5,
	SENSE_UNIT_ATTENTION = 0x6,
};

/* Decode fixed (70h, 71h) and descriptor (72h, 73h) sense. 0, or -EBADMSG. */
int scsi_sense_decode(const uint8_t *sense, size_t len, struct scsi_sense *out);

/* The device was reached and its status is GOOD. */
bool scsi_is_good(const struct scsi_result *res);

/* What its sense data says; zeros if there is none. */
struct scsi_sense scsi_sense_of(const struct scsi_result *res);

/*
 * Run one command that reads @len bytes into @data (len 0: no data) on @fd. Blocks up to @timeout_ms (the kernel may add
 * its error handling). Fills @out and returns 0 if the device answered, else -errno.
 */
int scsi_command(int fd, const uint8_t *cdb, size_t cdb_len, void *data, size_t len,
		 unsigned int timeout_ms, struct scsi_result *out);

/* The same for a command that sends @len bytes of @data to the device. */
int scsi_command_out(int fd, const uint8_t *cdb, size_t cdb_len, const void *data, size_t len,
		     unsigned int timeout_ms, struct scsi_result *out);

/*
 * INQUIRY (SPC-4 6.6) for vital product data page @page, or standard data if it is negative; old arrays know no @len above 255.
 * 0 if it is good, else -EIO or the ioctl's -errno. @out may be NULL.
 */
int scsi_inquiry(int fd, int page, void *data, size_t len, unsigned int timeout_ms, struct scsi_result *out);

/* TEST UNIT READY (SPC-4 6.47). Returns as scsi_command() does. */
int scsi_test_unit(int fd, unsigned int timeout_ms, struct scsi_result *out);

/*
 * READ(10) (SBC-3 5.11) of the first @len bytes of the disk. A unit attention is worth two more tries. 0 if it is good; -EINVAL if @len is no
 * number of its blocks; -EIO, or the ioctl's -errno.
 */
int scsi_read_start(int fd, void *data, size_t len, unsigned int timeout_ms, struct scsi_result *out);

#endif
