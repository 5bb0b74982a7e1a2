/* Inputs: regular files alone. A FIFO may have no writer and a device no end, so that a command would wait or grow for ever; `-` is standard
 * input, where a command takes one. */
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int input_open(const char *path)
{
	struct stat st;
	int fd;
	do
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR && !signals_caught());
	if (fd < 0)
		return errno == ENXIO ? -ESPIPE : -errno; /* a socket */
	int r = fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : S_ISREG(st.st_mode) ? 0 : -ESPIPE;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

FILE *input_file(const char *path)
{
	int fd = input_open(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	if (fd < 0)
		errno = -fd;
	else if (!file)
		(void)close(fd);
	return file;
}
