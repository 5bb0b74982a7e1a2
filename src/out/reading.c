/* A file into memory, its kind found by its first bytes, and the lists that both kinds fill. */
#include "out/reading.h"
#include "base/file.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, uint8_t *data, size_t size_bytes, size_t *ret_bytes)
{
	size_t at = 0;
	while (at < size_bytes) {
		ssize_t n = file_read(fd, data + at, size_bytes - at);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		at += (size_t)n;
	}
	*ret_bytes = at;
	return 0;
}

int reading_bytes(struct arena *arena, const char *path, const uint8_t **ret, size_t *ret_bytes)
{
	int fd = file_open(path);
	if (fd < 0)
		return fd;
	struct stat st;
	int r = fstat(fd, &st) < 0 ? -errno : 0;
	uint8_t *data = r < 0 ? NULL : arena_alloc(arena, (size_t)st.st_size);
	if (r == 0)
		r = !data ? -ENOMEM : read_all(fd, data, (size_t)st.st_size, ret_bytes);
	close(fd);
	*ret = data;
	return r;
}

bool reading_grow(struct arena *arena, void **items, size_t n, size_t *capacity, size_t item_bytes)
{
	if (n < *capacity)
		return true;
	size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
	void *grown = arena_array(arena, wanted, item_bytes);
	if (!grown)
		return false;
	if (n > 0)
		memcpy(grown, *items, n * item_bytes);
	*items = grown;
	*capacity = wanted;
	return true;
}

int reading_add_record(struct reading_list *list, const struct reading_record *record)
{
	void *records = list->records;
	if (!reading_grow(list->arena, &records, list->n_records, &list->capacity_records, sizeof(*list->records)))
		return -ENOMEM;
	list->records = records;
	list->records[list->n_records++] = *record;
	return 0;
}

int reading_add_interface(struct reading_list *list, const char *name, size_t name_bytes, uint32_t *ret)
{
	for (size_t i = 0; i < list->n_interfaces; i++)
		if (strlen(list->interfaces[i]) == name_bytes && memcmp(list->interfaces[i], name, name_bytes) == 0) {
			*ret = (uint32_t)i;
			return 0;
		}
	void *interfaces = list->interfaces;
	char *copy = arena_strndup(list->arena, name, name_bytes);
	if (!copy || !reading_grow(list->arena, &interfaces, list->n_interfaces, &list->capacity_interfaces,
				   sizeof(*list->interfaces)))
		return -ENOMEM;
	list->interfaces = interfaces;
	*ret = (uint32_t)list->n_interfaces;
	list->interfaces[list->n_interfaces++] = copy;
	return 0;
}

void reading_give(const struct reading_list *list, struct reading *ret)
{
	ret->interfaces = list->interfaces;
	ret->n_interfaces = list->n_interfaces;
	ret->records = list->records;
	ret->n_records = list->n_records;
}

int reading_load(struct arena *arena, const char *path, struct reading *ret)
{
	static const uint8_t section[4] = {0x0a, 0x0d, 0x0d, 0x0a};
	const uint8_t *data;
	size_t size_bytes;
	*ret = (struct reading){0};
	int r = reading_bytes(arena, path, &data, &size_bytes);
	if (r < 0)
		return r;
	if (size_bytes >= sizeof section && memcmp(data, section, sizeof section) == 0)
		return reading_pcapng(arena, data, size_bytes, ret);
	return reading_classic(arena, path, ret);
}
