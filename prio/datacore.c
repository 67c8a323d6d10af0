/* SPDX-License-Identifier: GPL-2.0-or-later */
/* datacore: paths to one of the two DataCore servers of a LUN are preferred. The server's name is in the INQUIRY data. */
#include "../src/prio.h"
#include "../src/prio-args.h"
#include "../src/scsi.h"

#define NAME_AT 112
#define NAME_SIZE 16
#define INQUIRY_SIZE 255
#define TIMEOUT_MIN_MS 500
#define TIMEOUT_MAX_MS 20000

struct datacore_args {
	const char *name;	/* not terminated */
	size_t name_len;
	unsigned int timeout_ms;
};

/* "timeout=" and "preferredsds=", nothing else: multipathd is as strict. */
static bool parse_args(const char *s, struct datacore_args *out)
{
	const char *word, *value;
	size_t len;

	while ((word = prio_args_word(&s, &len))) {
		if ((value = str_after(word, "preferredsds="))) {
			out->name = value;
			out->name_len = len - (size_t)(value - word);
		} else if ((value = str_after(word, "timeout="))) {
			int64_t ms = prio_args_thousandths(value, len - (size_t)(value - word)) / 1000;

			if (ms < TIMEOUT_MIN_MS || ms > TIMEOUT_MAX_MS)
				return false;
			out->timeout_ms = (unsigned int)ms;
		} else {
			return false;
		}
	}
	return out->name_len > 0 && out->name_len <= NAME_SIZE;
}

static int datacore_get(const struct probe_args *args, int *prio)
{
	struct datacore_args arg = { .timeout_ms = args->timeout_ms };
	struct scsi_result res;

	*prio = 0;	/* also when something goes wrong: multipathd knows no "undefined" here */
	if (!parse_args(args->options, &arg))
		return 0;
	if (scsi_inquiry(args->dev_fd, -1, args->page, INQUIRY_SIZE, arg.timeout_ms, &res) < 0 || res.data_len < NAME_AT + NAME_SIZE)
		return 0;
	/* part of the name will do */
	*prio = memmem(args->page + NAME_AT, NAME_SIZE, arg.name, arg.name_len) != NULL;
	return 0;
}

const struct prio_ops prio_datacore = {
	.abi = PRIO_ABI,
	.name = "datacore",
	.sends = "INQUIRY",
	.args = "[timeout=500..20000] preferredsds=NAME",
	.get = datacore_get,
};
