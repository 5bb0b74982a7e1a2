/* A file in pieces, its kind found by its first bytes, and the lists that both kinds fill. */
#include "out/reading.h"
#include "base/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_MIN_BYTES ((size_t)4096)

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
	void *interfaces = list->interfaces;
	char *copy = arena_strndup(list->interface_arena, name, name_bytes);
	if (!copy)
		return -ENOMEM;
	if (names_find(&list->numbers, copy, ret))
		return 0;
	if (!reading_grow(list->interface_arena, &interfaces, list->n_interfaces, &list->capacity_interfaces,
			  sizeof(*list->interfaces)))
		return -ENOMEM;
	list->interfaces = interfaces;
	*ret = (uint32_t)list->n_interfaces;
	list->interfaces[list->n_interfaces++] = copy;
	return names_add(&list->numbers, copy, *ret) < 0 ? -ENOMEM : 0;
}

/* ---- pieces ---- */

int reading_open(struct arena *arena, const char *path, struct reading_source **ret)
{
	static const uint8_t section[4] = {0x0a, 0x0d, 0x0d, 0x0a};
	uint8_t begin[sizeof section];
	size_t n = 0;
	struct stat st;
	struct reading_source *source = calloc(1, sizeof *source);
	*ret = NULL;
	if (!source)
		return -ENOMEM;
	*source = (struct reading_source){.list = {.interface_arena = arena}, .path = path, .fd = file_open(path)};
	int r = source->fd < 0 ? source->fd : fstat(source->fd, &st) < 0 ? -errno : 0;
	if (r == 0)
		r = read_all(source->fd, begin, sizeof begin, &n);
	if (r < 0) {
		reading_close(source);
		return r;
	}
	source->is_pcapng = n == sizeof section && memcmp(begin, section, sizeof section) == 0;
	source->size_bytes = (uint64_t)st.st_size;
	*ret = source;
	return 0;
}

struct reading_source *reading_close(struct reading_source *source)
{
	if (!source)
		return NULL;
	if (source->fd >= 0)
		(void)close(source->fd);
	reading_classic_close(source);
	names_deinit(&source->list.numbers);
	free(source);
	return NULL;
}

bool reading_is_over(const struct reading_source *source)
{
	return source->is_over;
}

/* The whole blocks of the next piece; where a block is larger than a piece, of one as large. */
static int next_piece(struct reading_source *source, size_t limit_bytes, struct reading *ret)
{
	uint64_t left = source->size_bytes - source->at;
	size_t wanted = limit_bytes < PIECE_MIN_BYTES ? PIECE_MIN_BYTES : limit_bytes;
	for (;;) {
		size_t n = 0, whole = 0, piece = left < wanted ? (size_t)left : wanted;
		uint8_t *data = arena_alloc(source->list.arena, piece);
		if (!data)
			return -ENOMEM;
		if (lseek(source->fd, (off_t)source->at, SEEK_SET) < 0)
			return -errno;
		int r = read_all(source->fd, data, piece, &n);
		if (r < 0)
			return r;
		bool is_last = n < piece || piece == left;
		r = reading_pcapng(source, data, n, is_last, &whole, ret);
		ret->problem_at += source->at;
		if (r == 0 && whole == 0 && !is_last) {
			wanted = reading_block_bytes(source, data, n);
			continue;
		}
		source->at += whole;
		source->is_over = is_last || r != 0;
		return r;
	}
}

int reading_next(struct reading_source *source, struct arena *arena, size_t limit_bytes, struct reading *ret)
{
	struct reading_list *list = &source->list;
	int r = 0;
	*ret = (struct reading){0};
	list->arena = arena;
	list->records = NULL;
	list->n_records = list->capacity_records = 0;
	if (!source->is_over)
		r = source->is_pcapng ? next_piece(source, limit_bytes, ret)
				      : reading_classic(source, limit_bytes, ret);
	ret->interfaces = list->interfaces;
	ret->n_interfaces = list->n_interfaces;
	ret->records = list->records;
	ret->n_records = list->n_records;
	return r;
}

int reading_load(struct arena *arena, const char *path, struct reading *ret)
{
	struct reading_source *source;
	*ret = (struct reading){0};
	int r = reading_open(arena, path, &source);
	if (r < 0)
		return r;
	r = reading_next(source, arena, SIZE_MAX, ret);
	reading_close(source);
	return r;
}
