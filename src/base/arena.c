/* DOC: memory is cut from chunks that double in size up to a bound; a large request gets a chunk of its own. Nothing is
 * freed singly. */
#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK_BYTES 4096u
#define LAST_CHUNK_BYTES (1024u * 1024u)
#define SMALL_TEXT_BYTES 256u

struct chunk {
	struct chunk *next;
	size_t size_bytes, used_bytes;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the first is the one being cut */
	bool failed;
	size_t next_bytes;
};

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof *arena);
	if (arena)
		arena->next_bytes = FIRST_CHUNK_BYTES;
	return arena;
}

struct arena *arena_free(struct arena *arena)
{
	while (arena && arena->chunks) {
		struct chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena);
	return NULL;
}

static struct chunk *chunk_add(struct arena *arena, size_t size_bytes)
{
	bool fits = size_bytes <= SIZE_MAX - sizeof(struct chunk);
	struct chunk *chunk = fits ? calloc(1, sizeof *chunk + size_bytes) : NULL;
	if (!chunk) {
		arena->failed = true;
		return NULL;
	}
	chunk->size_bytes = size_bytes;
	/* A large request does not end the chunk that is being cut. */
	if (arena->chunks && size_bytes > arena->next_bytes) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	return chunk;
}

void arena_fail(struct arena *arena)
{
	arena->failed = true;
}

bool arena_failed(const struct arena *arena)
{
	return arena->failed;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
	size_t align = _Alignof(max_align_t);
	if (size_bytes > SIZE_MAX - align)
		return NULL;
	size_t need = (size_bytes + align - 1) / align * align;
	struct chunk *chunk = arena->chunks;
	if (!chunk || chunk->size_bytes - chunk->used_bytes < need) {
		bool large = need > arena->next_bytes;
		chunk = chunk_add(arena, large ? need : arena->next_bytes);
		if (!chunk)
			return NULL;
		if (!large && arena->next_bytes < LAST_CHUNK_BYTES)
			arena->next_bytes *= 2;
	}
	void *result = chunk->data + chunk->used_bytes;
	chunk->used_bytes += need;
	return result;
}

void *arena_array(struct arena *arena, size_t n, size_t size_bytes)
{
	if (size_bytes && n > SIZE_MAX / size_bytes)
		return NULL;
	return arena_alloc(arena, n * size_bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length_bytes)
{
	char *copy = arena_alloc(arena, length_bytes + 1);
	if (copy && length_bytes > 0) /* a text of no bytes may be NULL */
		memcpy(copy, text, length_bytes);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	char small[SMALL_TEXT_BYTES]; /* most fit, and are printed once */
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(small, sizeof small, format, args);
	char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (text && (size_t)length < sizeof small)
		memcpy(text, small, (size_t)length + 1);
	else if (text)
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
