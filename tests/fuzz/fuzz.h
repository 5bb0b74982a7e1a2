/* What the fuzz targets share: with clang's libFuzzer a target is a fuzzer; otherwise a program that replays the files,
 * and the files of the directories, that it is given. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program where it does not hold. */
void fuzz_check(bool holds, const char *what);

/* Which of n kinds of input this is: by its first byte, or the one whose number PKTPATH_FUZZ_KIND says, so that each can be fuzzed apart. */
unsigned fuzz_kind(uint8_t first, unsigned n);

/* The input as choices: 0 for ever once it is used up. */
struct fuzz_bytes {
	const uint8_t *data;
	size_t n;
};
uint32_t fuzz_below(struct fuzz_bytes *bytes, uint32_t limit);
/* A path under which the bytes can be read once; -1 where none is to be had. Close the descriptor. */
int fuzz_file(const uint8_t *data, size_t size, char path[64]);
#endif
