/* SPDX-License-Identifier: GPL-2.0-or-later */
/* datacore: paths to one of the two DataCore servers of a LUN are preferred. The server's name is in the INQUIRY data. */
#include "../src/prio.h"
#include "../src/prio-args.h"
#include "../src/scsi.h"

#define NAME_AT 112
#define NAME_SIZE 16
#define INQUIRY_SIZE 128

static int datacore_get(const struct probe_args *args, int *prio)
{
	unsigned int timeout_ms = args->timeout_ms;
	struct scsi_result res;
	const char *name, *value;
	size_t len, n, have;
	long hundredths;
	int r;

	name = prio_args_value(args->options, "preferredsds", &n);
	if (!name || n == 0 || n > NAME_SIZE)
		return -EINVAL;
	value = prio_args_value(args->options, "timeout", &len);
	hundredths = value ? prio_args_hundredths(value, len) : 0;
	if (value && hundredths < 100)
		return -EINVAL;
	if (value)
		timeout_ms = (unsigned int)hundredths / 100;
	r = scsi_inquiry(args->dev_fd, -1, args->page, INQUIRY_SIZE, timeout_ms, &res);
	if (r < 0)
		return r;
	if (res.data_len < NAME_AT + NAME_SIZE)
		return -EBADMSG;
	have = strnlen((const char *)args->page + NAME_AT, NAME_SIZE);
	while (have && args->page[NAME_AT + have - 1] == ' ')
		have--;
	*prio = have == n && memcmp(args->page + NAME_AT, name, n) == 0;
	return 0;
}

const struct prio_ops prio_datacore = {
	.abi = PRIO_ABI,
	.name = "datacore",
	.sends = "INQUIRY",
	.args = "[timeout=MS] preferredsds=NAME",
	.get = datacore_get,
};
