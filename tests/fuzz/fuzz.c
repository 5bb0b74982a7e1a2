/* Choices from bytes, bytes as a file, and replaying. */
#include "fuzz.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef FUZZER
/* libfyaml 0.7.12 forgets buffers of its scanner on some syntax errors; there is nothing that its users could free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}
#endif

void fuzz_check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

unsigned fuzz_kind(uint8_t first, unsigned n)
{
	const char *kind = getenv("PKTPATH_FUZZ_KIND");
	return (kind ? (unsigned)strtoul(kind, NULL, 10) : first) % n;
}

uint32_t fuzz_below(struct fuzz_bytes *bytes, uint32_t limit)
{
	uint32_t value = 0;
	for (uint32_t most = limit - 1; most > 0 && bytes->n > 0; most >>= 8, bytes->n--)
		value = value << 8 | *bytes->data++;
	return value % limit;
}

int fuzz_file(const uint8_t *data, size_t size, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	(void)snprintf(path, 64, "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size)
		return fd;
	(void)close(fd);
	return -1;
}

#ifndef FUZZER
static int replay(const char *path)
{
	FILE *file = fopen(path, "rbe");
	struct stat st;
	if (!file || fstat(fileno(file), &st) < 0) {
		perror(path);
		return 1;
	}
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size + 1);
	int r = data && fread(data, 1, size, file) == size ? 0 : 1;
	if (r == 0)
		(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	(void)fclose(file);
	return r;
}

static int replay_all(const char *path)
{
	DIR *directory = opendir(path);
	int r = 0;
	if (!directory)
		return replay(path);
	for (const struct dirent *entry; (entry = readdir(directory));) {
		char file[1024];
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		r |= replay_all(file);
	}
	(void)closedir(directory);
	return r;
}

int main(int argc, char **argv)
{
	int r = argc > 1 ? 0 : 2;
	for (int i = 1; i < argc; i++)
		r |= replay_all(argv[i]);
	return r;
}
#endif
