/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VPD pages 0x83 and 0x80, sense data, target port group descriptors. */
#include <stdint.h>

#include "alua.h"
#include "scsi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visit(const struct designator *d, void *arg)
{
	char wwid[WWID_MAX];

	(void)arg;
	designator_wwid(d, wwid);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DESIGNATOR_MAX], idstr[24] = "VENDOR  MODEL           ";
	struct scsi_sense sense;
	unsigned int value;
	_Bool preferred;

	vpd83_visit(data, size, idstr, visit, 0);
	vpd83_port_group(data, size, &value);
	vpd80_text(data, size, idstr, text);
	scsi_sense_decode(data, size, &sense);
	alua_find_group(data, size, 1, &value, &preferred);
	return 0;
}
