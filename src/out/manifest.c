/* What an earlier run wrote, so that a file which the present run does not write does not stay behind and mislead.
 *
 * DOC: the list is advice, not an order. It may be damaged, or somebody else's; whoever acts on it checks each name.
 * Hence nothing here is an error but short memory. */
#include "out/manifest.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *load(int directory_fd)
{
	/* O_NONBLOCK: a fifo of that name must not hold us up. */
	int fd = openat(directory_fd, MANIFEST_FILE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	struct stat st;
	json_t *root = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? json_loadfd(fd, 0, NULL) : NULL;
	close(fd);
	return root;
}

void manifest_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

int manifest_read(int directory_fd, char ***ret_names, size_t *ret_n)
{
	*ret_names = NULL;
	*ret_n = 0;
	json_t *root = load(directory_fd);
	const json_t *files = json_object_get(root, "files");
	size_t n = json_array_size(files), n_names = 0;
	char **names = n == 0 ? NULL : calloc(n + 1, sizeof *names);
	int r = n != 0 && !names ? -ENOMEM : 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *name = json_string_value(json_array_get(files, i));
		if (!name)
			continue;
		names[n_names] = strdup(name);
		if (!names[n_names++])
			r = -ENOMEM;
	}
	if (r == 0 && n_names > 0) {
		names[n_names] = strdup(MANIFEST_PAGE);
		if (!names[n_names++])
			r = -ENOMEM;
	}
	json_decref(root);
	if (r < 0) {
		manifest_free(names, n_names);
		return r;
	}
	*ret_names = names;
	*ret_n = n_names;
	return 0;
}
