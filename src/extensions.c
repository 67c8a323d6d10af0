/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extensions.h"

#include "extension-name.h"
#include "log.h"
#include "plugin.h"

int extensions_load(const char *file)
{
	if (foreign_is_linked(file))
		return 0;
#ifdef PLUGINS_SHARED
	char why[PLUGIN_WHY_SIZE];
	int r = plugin_load_extension(file, why, sizeof(why));

	if (r < 0)
		log_error("unable to load extension %s: %s", file, why);
	return r;
#else
	log_error("unable to load extension %s: this mpath-boot is static and loads nothing; link it in (mpath-boot relink), or use the dynamic one", file);
	return -ENOSYS;
#endif
}
