/* DOC: what is no regular file is refused before it is read: a FIFO may block for ever, a device may never end. */
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int file_open(const char *path)
{
	int fd;
	do
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return errno == ENXIO ? -ESPIPE : -errno; /* a socket */
	struct stat st;
	int r = fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : S_ISREG(st.st_mode) ? 0 : -ESPIPE;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

ssize_t file_read(int fd, void *data, size_t bytes)
{
	ssize_t n;
	do
		n = read(fd, data, bytes);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
