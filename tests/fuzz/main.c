/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in for libFuzzer where there is none: replay the files that are named.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "re");
		uint8_t *copy;
		size_t len;

		if (!f) {
			perror(argv[i]);
			return 1;
		}
		len = fread(data, 1, sizeof(data), f);
		fclose(f);
		/* of exactly this size, so that the sanitizer sees a read behind it */
		copy = malloc(len ? len : 1);
		if (!copy)
			return 1;
		for (size_t j = 0; j < len; j++)
			copy[j] = data[j];
		LLVMFuzzerTestOneInput(copy, len);
		free(copy);
	}
	printf("%d files\n", argc - 1);
	return 0;
}
