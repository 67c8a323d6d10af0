/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-target.h"

#include <ctype.h>
#include <errno.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/cciss_ioctl.h>
#include <linux/nvme_ioctl.h>

#define LINE_SIZE 2000

bool fake_any_timeout;

static void die(unsigned int line, const char *why)
{
	fprintf(stderr, "probe.cases line %u: %s\n", line, why);
	exit(2);
}

/* Bytes of @text to *out. */
static size_t parse_bytes(const char *text, uint8_t **out, unsigned int line)
{
	uint8_t *b = calloc(1, 1 << 16);
	size_t n = 0;

	while (*text) {
		unsigned int byte, count = 1;
		int used = 0;

		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		if (*text == '"') {
			for (text++; *text && *text != '"'; text++)
				b[n++] = (uint8_t)*text;
			text += *text == '"';
			continue;
		}
		if (sscanf(text, "%2x%n", &byte, &used) != 1 || used != 2)
			die(line, "bad bytes");
		text += 2;
		if (*text == '*') {
			count = (unsigned int)strtoul(text + 1, (char **)&text, 10);
			if (count == 0 || n + count > 60000)
				die(line, "bad count");
		}
		while (count--)
			b[n++] = (uint8_t)byte;
	}
	/* of exactly this size, so that the sanitizer sees who reads behind it */
	*out = malloc(n ? n : 1);
	memcpy(*out, b, n);
	free(b);
	return n;
}

static void parse_sense(struct fake_step *s, const char *text, bool is_descriptor, unsigned int line)
{
	unsigned int key, asc, ascq;

	if (sscanf(text, "%x/%x/%x", &key, &asc, &ascq) != 3)
		die(line, "bad sense");
	s->status = 0x02;
	if (is_descriptor) {
		const uint8_t d[8] = { 0x72, (uint8_t)key, (uint8_t)asc, (uint8_t)ascq };

		memcpy(s->sense, d, sizeof(d));
		s->sense_len = sizeof(d);
	} else {
		const uint8_t d[18] = { 0x70, 0, (uint8_t)key, 0, 0, 0, 0, 10, 0, 0, 0, 0, (uint8_t)asc, (uint8_t)ascq };

		memcpy(s->sense, d, sizeof(d));
		s->sense_len = sizeof(d);
	}
}

static void parse_command(struct fake_step *s, const char *word, unsigned int line)
{
	uint8_t *bytes;

	if (!strcmp(word, "nvme:id")) {
		s->kind = FAKE_NVME_ID;
	} else if (!strcmp(word, "cciss:info")) {
		s->kind = FAKE_CCISS_INFO;
	} else if (!strcmp(word, "cciss:command")) {
		s->kind = FAKE_CCISS;
	} else if (!strncmp(word, "nvme:", 5)) {
		s->kind = FAKE_NVME;
		s->has_cdw10 = sscanf(word + 5, "%x/%x", &s->nvme_opcode, &s->nvme_cdw10) == 2;
	} else {
		s->kind = FAKE_SCSI;
		s->cdb_len = parse_bytes(word, &bytes, line);
		if (s->cdb_len == 0 || s->cdb_len > sizeof(s->cdb))
			die(line, "bad command");
		memcpy(s->cdb, bytes, s->cdb_len);
		free(bytes);
	}
}

static void parse_step(struct fake_case *c, char *text, unsigned int line)
{
	struct fake_step *s = &c->steps[c->n_steps++];
	char *word = strtok(text, " ");

	if (c->n_steps > FAKE_STEPS)
		die(line, "too many steps");
	*s = (struct fake_step){ .times = 1 };
	parse_command(s, word, line);
	while ((word = strtok(NULL, " "))) {
		char *value;

		if (word[0] == 'x') {
			s->times = (unsigned int)strtoul(word + 1, NULL, 10);
			continue;
		}
		value = strtok(NULL, !strcmp(word, "data") || !strcmp(word, "sends") ? "" : " ");
		if (!value)
			die(line, "a word lacks its value");
		if (!strcmp(word, "sense") || !strcmp(word, "dsense"))
			parse_sense(s, value, word[0] == 'd', line);
		else if (!strcmp(word, "status"))
			s->status = (uint8_t)strtoul(value, NULL, 16);
		else if (!strcmp(word, "host"))
			s->host = (uint16_t)strtoul(value, NULL, 16);
		else if (!strcmp(word, "errno"))
			s->error = atoi(value);
		else if (!strcmp(word, "result"))
			s->result = atoi(value);
		else if (!strcmp(word, "timeout"))
			s->timeout_ms = (unsigned int)atoi(value);
		else if (!strcmp(word, "resid"))
			s->resid = atoi(value), s->has_resid = true;
		else if (!strcmp(word, "data"))
			s->len = parse_bytes(value, &s->data, line);
		else if (!strcmp(word, "sends"))
			s->sends_len = parse_bytes(value, &s->sends, line);
		else
			die(line, "unknown word");
	}
	if (s->times == 0)
		die(line, "bad number of times");
}

static void parse_head(struct fake_case *c, const char *text, unsigned int line)
{
	const char *title = strstr(text, ": ");
	const char *open = strchr(text, '"');

	c->line = line;
	if (!title || sscanf(text, "%7s %23[a-z0-9_]", c->kind, c->plugin) != 2 || (strcmp(c->kind, "checker") && strcmp(c->kind, "prio")))
		die(line, "bad head");
	if (open && open < title) {
		const char *close = strstr(open, "\": ");

		if (!close || (size_t)(close - open) > sizeof(c->args))
			die(line, "bad arguments");
		memcpy(c->args, open + 1, (size_t)(close - open) - 1);
		title = close + 1;
	}
	snprintf(c->title, sizeof(c->title), "%s", title + 2);
}

struct fake_case *fake_load(const char *file, size_t *n)
{
	struct fake_case *cases = NULL;
	char text[LINE_SIZE];
	FILE *f = fopen(file, "re");
	unsigned int line = 0;

	*n = 0;
	if (!f) {
		perror(file);
		exit(2);
	}
	while (fgets(text, sizeof(text), f)) {
		struct fake_case *c;
		char *p = text;

		line++;
		text[strcspn(text, "\n")] = '\0';
		if (!*text || *text == '#')
			continue;
		if (*text != '\t') {
			cases = realloc(cases, (*n + 1) * sizeof(*cases));
			memset(&cases[*n], 0, sizeof(*cases));
			parse_head(&cases[(*n)++], text, line);
			continue;
		}
		if (*n == 0)
			die(line, "no case yet");
		c = &cases[*n - 1];
		p++;
		if (*p == '=')
			snprintf(c->want, sizeof(c->want), "%.11s", p + 2);
		else if (*p == '~')
			snprintf(c->theirs, sizeof(c->theirs), "%.11s", p + 2);
		else if (*p == '!')
			c->is_ours_only = true;
		else if (*p != '#')
			parse_step(c, p, line);
	}
	fclose(f);
	for (size_t i = 0; i < *n; i++) {
		if (!cases[i].want[0])
			die(cases[i].line, "no result");
		if (!cases[i].theirs[0])
			memcpy(cases[i].theirs, cases[i].want, sizeof(cases[i].want));
	}
	return cases;
}

void fake_free(struct fake_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < cases[i].n_steps; j++) {
			free(cases[i].steps[j].data);
			free(cases[i].steps[j].sends);
		}
	free(cases);
}

bool fake_is_over(const struct fake_case *c)
{
	return c->at == c->n_steps;
}

static void complain(struct fake_case *c, const char *what, unsigned int value)
{
	if (!c->wrong[0])
		snprintf(c->wrong, sizeof(c->wrong), "step %zu: %s %u", c->at + 1, what, value);
}

static const struct fake_step *take(struct fake_case *c)
{
	const struct fake_step *s = &c->steps[c->at];

	if (++c->done == s->times) {
		c->at++;
		c->done = 0;
	}
	return s;
}

static int end_of(const struct fake_step *s)
{
	errno = s->error;
	return s->error ? -1 : s->result;
}

static void check_timeout(struct fake_case *c, const struct fake_step *s, unsigned int timeout_ms)
{
	if (s->timeout_ms ? timeout_ms != s->timeout_ms : timeout_ms != FAKE_TIMEOUT_MS && !fake_any_timeout)
		complain(c, "timeout", timeout_ms);
}

static int play_scsi(struct fake_case *c, struct sg_io_hdr *io)
{
	const struct fake_step *s = &c->steps[c->at];
	size_t n = s->len < io->dxfer_len ? s->len : io->dxfer_len;

	if (io->interface_id != 'S')
		complain(c, "interface_id", (unsigned int)io->interface_id);
	check_timeout(c, s, io->timeout);
	if (io->dxfer_direction == SG_DXFER_TO_DEV) {
		if (io->dxfer_len != s->sends_len || memcmp(io->dxferp, s->sends, s->sends_len))
			complain(c, "other bytes were sent, their number is", io->dxfer_len);
		n = io->dxfer_len;
	} else if (s->sends_len) {
		complain(c, "nothing was sent, the direction is", (unsigned int)io->dxfer_direction);
	} else if (n) {
		memcpy(io->dxferp, s->data, n);
	}
	take(c);
	if (s->error)
		return end_of(s);
	io->status = s->status;
	io->masked_status = s->status >> 1 & 0x1f;
	io->host_status = s->host;
	io->driver_status = s->sense_len ? 0x08 : 0;
	io->sb_len_wr = 0;
	if (s->sense_len && io->sbp) {
		io->sb_len_wr = (unsigned char)(s->sense_len < io->mx_sb_len ? s->sense_len : io->mx_sb_len);
		memcpy(io->sbp, s->sense, io->sb_len_wr);
	}
	io->resid = s->has_resid ? s->resid : (int)(io->dxfer_len - n);
	io->info = s->status || s->host || io->driver_status ? SG_INFO_CHECK : SG_INFO_OK;
	return end_of(s);
}

static int play_nvme(struct fake_case *c, struct nvme_admin_cmd *cmd)
{
	const struct fake_step *s = &c->steps[c->at];
	uint8_t *data = (uint8_t *)(uintptr_t)cmd->addr;

	check_timeout(c, s, cmd->timeout_ms);
	if (cmd->cdw12 != s->nvme_cdw12 || cmd->cdw13)
		complain(c, "log page offset", cmd->cdw12);
	if (!s->error && !s->result) {
		memset(data, 0, cmd->data_len);
		if (s->len)
			memcpy(data, s->data, s->len < cmd->data_len ? s->len : cmd->data_len);
	}
	take(c);
	return end_of(s);
}

static int play_cciss(struct fake_case *c, IOCTL_Command_struct *cmd)
{
	const struct fake_step *s = take(c);
	static const uint8_t tur[6];

	if (cmd->Request.CDBLen != 6 || memcmp(cmd->Request.CDB, tur, 6) || cmd->Request.Type.Direction != XFER_NONE)
		complain(c, "no TEST UNIT READY", cmd->Request.CDB[0]);
	if (cmd->LUN_info.LogDev.Mode != 1 || cmd->LUN_info.LogDev.VolId != 5)
		complain(c, "volume", cmd->LUN_info.LogDev.VolId);
	cmd->error_info.CommandStatus = s->status;
	return end_of(s);
}

static bool is_due(const struct fake_step *s, unsigned long request, const void *arg)
{
	const struct sg_io_hdr *io = arg;
	const struct nvme_admin_cmd *cmd = arg;

	switch (s->kind) {
	case FAKE_SCSI:
		return request == SG_IO && io->cmd_len >= s->cdb_len && !memcmp(io->cmdp, s->cdb, s->cdb_len);
	case FAKE_NVME:
		return request == NVME_IOCTL_ADMIN_CMD && cmd->opcode == s->nvme_opcode && (!s->has_cdw10 || cmd->cdw10 == s->nvme_cdw10);
	case FAKE_NVME_ID:
		return request == NVME_IOCTL_ID;
	case FAKE_CCISS_INFO:
		return request == CCISS_GETLUNINFO;
	case FAKE_CCISS:
		return request == CCISS_PASSTHRU;
	}
	return false;
}

int fake_ioctl(struct fake_case *c, unsigned long request, void *arg, bool *known)
{
	const struct fake_step *s = &c->steps[c->at];

	*known = !fake_is_over(c) && is_due(s, request, arg);
	if (!*known)
		return -1;
	switch (s->kind) {
	case FAKE_SCSI:
		return play_scsi(c, arg);
	case FAKE_NVME:
		return play_nvme(c, arg);
	case FAKE_CCISS_INFO:
		((LogvolInfo_struct *)arg)->LunID = 5;
		break;
	case FAKE_CCISS:
		return play_cciss(c, arg);
	case FAKE_NVME_ID:
		break;
	}
	return end_of(take(c));
}
