/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes in over the guard's control socket, and names that become file names. */
#include "control.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request request;
	char name[600];
	size_t len = size < sizeof(name) ? size : sizeof(name) - 1;

	if (control_parse((const char *)data, size, &request) == 0 && request.verb == CONTROL_EXTEND)
		assert(!strchr(request.name, '/') && request.name[0] != '.' && strlen(request.name) <= EXTENSION_FILE_MAX);
	memcpy(name, data, len);
	name[len] = '\0';
	if (extension_file_is_valid(name))
		assert(!strstr(name, "..") || !strstr(name, "/.") );
	if (plugin_name_is_valid(name))
		assert(!strpbrk(name, "/. \n"));
	return 0;
}
