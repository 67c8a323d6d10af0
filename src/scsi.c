/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scsi.h"

#include <linux/fs.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "util.h"

/* SPC-4 table 531: designator types */
enum {
	TYPE_VENDOR = 0x0,
	TYPE_T10 = 0x1,
	TYPE_EUI64 = 0x2,
	TYPE_NAA = 0x3,
	TYPE_PORT_GROUP = 0x5,
	TYPE_NAME = 0x8,
	TYPE_UUID = 0xa,
};

enum {
	SCORE_VENDOR = 1,
	SCORE_UUID,
	SCORE_NAA3,
	SCORE_T10,
	SCORE_NAME,
	SCORE_EUI,
	SCORE_NAA2,
	SCORE_NAA5,
	SCORE_NAA6,
};

static char *put_hex(char *to, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 0xf];
	}
	*to = '\0';
	return to;
}

static int naa_score(const uint8_t *d, size_t len)
{
	if (len == 16)
		return d[0] >> 4 == 6 ? SCORE_NAA6 : 0;
	if (len != 8)
		return 0;
	switch (d[0] >> 4) {
	case 5:
		return SCORE_NAA5;
	case 2:
		return SCORE_NAA2;
	case 3:
		return SCORE_NAA3;
	}
	return 0;
}

static bool name_is_known(const uint8_t *d, size_t len)
{
	return len > 4 && (!memcmp(d, "eui.", 4) || !memcmp(d, "naa.", 4) || !memcmp(d, "iqn.", 4));
}

/* The name of a type that can identify a LUN and how strong it is, or NULL. */
static const char *designator_kind(unsigned int type, const uint8_t *d, size_t len, int *score)
{
	*score = 0;
	switch (type) {
	case TYPE_VENDOR:
		*score = len ? SCORE_VENDOR : 0;
		return "vnd.";
	case TYPE_T10:
		*score = len >= 8 ? SCORE_T10 : 0;
		return "t10.";
	case TYPE_EUI64:
		*score = len == 8 || len == 12 || len == 16 ? SCORE_EUI : 0;
		return "eui.";
	case TYPE_NAA:
		*score = len ? naa_score(d, len) : 0;
		return "naa.";
	case TYPE_NAME:
		*score = name_is_known(d, len) ? SCORE_NAME : 0;
		return "name.";
	case TYPE_UUID:
		*score = len == 18 && d[0] >> 4 == 1 ? SCORE_UUID : 0;
		return "uuid.";
	}
	return NULL;
}

int vpd83_visit(const uint8_t *page, size_t len, const char *idstr,
		int (*visit)(const struct designator *d, void *arg), void *arg)
{
	size_t end, at = 4;

	if (len < 4 || page[1] != 0x83)
		return -EBADMSG;
	end = 4 + ((size_t)page[2] << 8 | page[3]);
	if (end > len)
		end = len;	/* sysfs cuts pages that do not fit (before 6.0: at 255 bytes) */
	while (at + 4 <= end) {
		const uint8_t *d = page + at;
		struct designator out = { .bytes = d + 4, .len = d[3], .type = d[1] & 0xf };
		const char *kind;
		char *to;
		int r;

		if (at + 4 + out.len > end)
			return -EBADMSG;
		at += 4 + out.len;
		if (d[1] & 0x30)
			continue;	/* association: a target port or device, not the LUN */
		kind = designator_kind(out.type, out.bytes, out.len, &out.score);
		if (!kind || !out.score)
			continue;
		to = stpcpy(out.text, kind);
		if (out.type == TYPE_VENDOR && idstr)
			to = put_hex(to, (const uint8_t *)idstr, 24);
		put_hex(to, out.bytes, out.len);
		r = visit(&out, arg);
		if (r)
			return r;
	}
	return at == end ? 0 : -EBADMSG;
}

int vpd83_port_group(const uint8_t *page, size_t len, unsigned int *group)
{
	size_t end, at = 4;

	if (len < 4 || page[1] != 0x83)
		return -EBADMSG;
	end = 4 + ((size_t)page[2] << 8 | page[3]);
	if (end > len)
		end = len;
	for (; at + 4 <= end; at += 4 + (size_t)page[at + 3]) {
		const uint8_t *d = page + at;

		if (at + 4 + d[3] > end)
			return -EBADMSG;
		if ((d[1] & 0xf) == TYPE_PORT_GROUP && (d[1] & 0x30) == 0x10 && d[3] == 4) {
			*group = (unsigned int)d[6] << 8 | d[7];
			return 0;
		}
	}
	return -ENOENT;
}

static int wwid_hex(char first, const uint8_t *bytes, size_t len, char *wwid)
{
	if (2 * len + 2 > WWID_MAX)
		return -ENAMETOOLONG;
	*wwid++ = first;
	put_hex(wwid, bytes, len);
	return 0;
}

static int wwid_text(char first, const uint8_t *text, size_t len, bool fold, char *wwid)
{
	size_t n = 0;

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\0'))
		len--;
	wwid[n++] = first;
	for (size_t i = 0; i < len; i++) {
		if (fold && text[i] == ' ' && i && text[i - 1] == ' ')
			continue;
		if (n + 1 >= WWID_MAX)
			return -ENAMETOOLONG;
		wwid[n++] = fold && text[i] == ' ' ? '_' : (char)text[i];
	}
	wwid[n] = '\0';
	return 0;
}

static int wwid_name(const uint8_t *d, size_t len, char *wwid)
{
	char first = !memcmp(d, "eui.", 4) ? '2' : !memcmp(d, "naa.", 4) ? '3' : '8';
	int r = wwid_text(first, d + 4, len - 4, false, wwid);

	if (r == 0 && first != '8')
		for (char *p = wwid; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
	return r;
}

int designator_wwid(const struct designator *d, char *wwid)
{
	switch (d->type) {
	case TYPE_NAA:
		return wwid_hex('3', d->bytes, d->len, wwid);
	case TYPE_EUI64:
		return wwid_hex('2', d->bytes, d->len, wwid);
	case TYPE_NAME:
		return wwid_name(d->bytes, d->len, wwid);
	case TYPE_T10:
		return wwid_text('1', d->bytes, d->len, true, wwid);
	}
	return -ENOENT;
}

bool designator_is_weak(const char *text)
{
	return str_after(text, "vnd.") || str_after(text, "vpd80.");
}

int vpd80_text(const uint8_t *page, size_t len, const char *idstr, char *text)
{
	size_t n;

	if (len < 4 || page[1] != 0x80)
		return -EBADMSG;
	n = (size_t)page[2] << 8 | page[3];
	if (n == 0 || n > len - 4 || n > 252)
		return -EBADMSG;
	text = stpcpy(text, "vpd80.");
	if (idstr)
		text = put_hex(text, (const uint8_t *)idstr, 24);
	put_hex(text, page + 4, n);
	return 0;
}

int scsi_sense_decode(const uint8_t *sense, size_t len, struct scsi_sense *out)
{
	unsigned int code;

	*out = (struct scsi_sense) { 0 };
	if (len < 3)
		return -EBADMSG;
	code = sense[0] & 0x7f;
	if (code == 0x70 || code == 0x71) {
		/* Short fixed sense is allowed: byte 7 says how much there is (SPC-4 4.5.3). */
		size_t have = len < 8 ? len : 8 + (size_t)sense[7];

		if (have > len)
			have = len;
		out->key = sense[2] & 0xf;
		out->asc = have > 12 ? sense[12] : 0;
		out->ascq = have > 13 ? sense[13] : 0;
		return 0;
	}
	if (code == 0x72 || code == 0x73) {
		out->key = sense[1] & 0xf;
		out->asc = sense[2];
		out->ascq = len > 3 ? sense[3] : 0;
		return 0;
	}
	return -EBADMSG;
}

bool scsi_is_good(const struct scsi_result *res)
{
	return res->error == 0 && res->status == 0 && res->host_status == 0;
}

struct scsi_sense scsi_sense_of(const struct scsi_result *res)
{
	struct scsi_sense sense;

	scsi_sense_decode(res->sense, res->sense_len, &sense);
	return sense;
}

static int run_command(int fd, const uint8_t *cdb, size_t cdb_len, int direction, void *data, size_t len,
		       unsigned int timeout_ms, struct scsi_result *out)
{
	*out = (struct scsi_result) { 0 };
	struct sg_io_hdr io = {
		.interface_id = 'S',
		.dxfer_direction = direction,
		.cmdp = (unsigned char *)cdb,
		.cmd_len = (unsigned char)cdb_len,
		.dxferp = data,
		.dxfer_len = (unsigned int)len,
		.sbp = out->sense,
		.mx_sb_len = sizeof(out->sense),
		.timeout = timeout_ms,
	};

	if (device_ioctl(fd, SG_IO, &io) < 0) {
		out->error = -errno;
		return out->error;
	}
	out->status = io.status;
	out->host_status = io.host_status;
	out->driver_status = io.driver_status;
	out->sense_len = io.sb_len_wr < sizeof(out->sense) ? io.sb_len_wr : sizeof(out->sense);
	if (io.resid < 0 || (size_t)io.resid > len)
		out->data_len = 0;	/* a driver that miscounts has delivered nothing we may read */
	else
		out->data_len = len - (size_t)io.resid;
	return 0;
}

int scsi_command(int fd, const uint8_t *cdb, size_t cdb_len, void *data, size_t len,
		 unsigned int timeout_ms, struct scsi_result *out)
{
	return run_command(fd, cdb, cdb_len, len ? SG_DXFER_FROM_DEV : SG_DXFER_NONE, data, len, timeout_ms, out);
}

int scsi_command_out(int fd, const uint8_t *cdb, size_t cdb_len, const void *data, size_t len,
		     unsigned int timeout_ms, struct scsi_result *out)
{
	return run_command(fd, cdb, cdb_len, SG_DXFER_TO_DEV, (void *)data, len, timeout_ms, out);
}

int scsi_inquiry(int fd, int page, void *data, size_t len, unsigned int timeout_ms, struct scsi_result *out)
{
	const uint8_t cdb[6] = { 0x12, page >= 0, page >= 0 ? (uint8_t)page : 0, (uint8_t)(len >> 8), (uint8_t)len, 0 };
	struct scsi_result own;

	if (!out)
		out = &own;
	if (scsi_command(fd, cdb, sizeof(cdb), data, len, timeout_ms, out) < 0)
		return out->error;
	return scsi_is_good(out) ? 0 : -EIO;
}

int scsi_test_unit(int fd, unsigned int timeout_ms, struct scsi_result *out)
{
	static const uint8_t cdb[6] = { 0x00 };

	return scsi_command(fd, cdb, sizeof(cdb), NULL, 0, timeout_ms, out);
}

int scsi_read_start(int fd, void *data, size_t len, unsigned int timeout_ms, struct scsi_result *out)
{
	uint8_t cdb[10] = { 0x28 };
	int block = 0;

	if (device_ioctl(fd, BLKSSZGET, &block) < 0 || block <= 0)
		block = 512;
	if (len % (size_t)block || len / (size_t)block > 255)
		return -EINVAL;
	cdb[8] = (uint8_t)(len / (size_t)block);
	for (int i = 0; i < 3; i++) {
		if (scsi_command(fd, cdb, sizeof(cdb), data, len, timeout_ms, out) < 0)
			return out->error;
		if (scsi_is_good(out))
			return 0;
		if (scsi_sense_of(out).key != SENSE_UNIT_ATTENTION)
			break;
	}
	return -EIO;	/* RECOVERED ERROR, too: multipathd fails a path that says it at each read */
}
