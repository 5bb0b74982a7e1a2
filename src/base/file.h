/* Files that are read whole. */
#ifndef PKTPATH_BASE_FILE_H
#define PKTPATH_BASE_FILE_H
#include <stddef.h>
#include <sys/types.h>

/* Opens a regular file for reading. The descriptor; -ESPIPE where it is a FIFO, a device or a socket, none of which ends
 * or can be read twice; -EISDIR; another -errno. Never blocks. */
int file_open(const char *path);
/* read(), again after a signal. Bytes, 0 at the end, or -errno. */
ssize_t file_read(int fd, void *data, size_t bytes);
#endif
