/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cciss_tur: TEST UNIT READY through the ioctls of HP's Smart Array drivers (linux/cciss_ioctl.h). */
#include <linux/cciss_ioctl.h>

#include "../src/checker.h"
#include "../src/device.h"

static int cciss_tur_check(const struct probe_args *args, enum path_state *state)
{
	LogvolInfo_struct volume = { 0 };
	unsigned int seconds = (args->timeout_ms + 999) / 1000;
	IOCTL_Command_struct cmd = {
		.Request.CDBLen = 6,	/* all zeros: TEST UNIT READY */
		.Request.Type.Type = TYPE_CMD,
		.Request.Type.Attribute = ATTR_SIMPLE,
		.Request.Type.Direction = XFER_NONE,
		.Request.Timeout = (HWORD)(seconds < UINT16_MAX ? seconds : UINT16_MAX),
	};

	if (device_ioctl(args->dev_fd, CCISS_GETLUNINFO, &volume) < 0)
		return -errno;	/* another driver's disk */
	cmd.LUN_info.LogDev.VolId = volume.LunID & 0x3fffffff;
	cmd.LUN_info.LogDev.Mode = 1;	/* a logical volume */
	*state = PATH_STATE_DOWN;
	if (device_ioctl(args->dev_fd, CCISS_PASSTHRU, &cmd) == 0 && cmd.error_info.CommandStatus == CMD_SUCCESS)
		*state = PATH_STATE_UP;
	return 0;
}

const struct checker_ops checker_cciss_tur = {
	.abi = CHECKER_ABI,
	.name = "cciss_tur",
	.sends = "TEST UNIT READY through CCISS_PASSTHRU",
	.check = cciss_tur_check,
};
