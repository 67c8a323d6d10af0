/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relink: make a static mpath-boot with extensions linked in, by the script of the relink kit. It runs on a full system, never at boot.
 */
#include "command.h"
#include "log.h"
#include "plugin-dir.h"
#include "util.h"

#define SCRIPT PLUGIN_DIR "/relink/relink"

int command_relink(int argc, char **argv)
{
	(void)argc;
	execv(SCRIPT, argv);
	log_error("unable to run " SCRIPT ": %s%s", strerror(errno), errno == ENOENT ? " (is the relink kit installed?)" : "");
	return EXIT_SYSTEM;
}
