/* An arena: memory of one lifetime, freed at once. It keeps no list of cleanups and frees nothing singly. */
#ifndef PKTPATH_BASE_ARENA_H
#define PKTPATH_BASE_ARENA_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Returns NULL where memory is short. */
struct arena *arena_new(void);
/* Frees all that the arena gave out. NULL is allowed. Returns NULL, so that `a = arena_free(a)` reads well. */
struct arena *arena_free(struct arena *arena);
/* Zeroed, aligned for any type. NULL where memory is short. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size_bytes);
/* n * size with overflow check. */
void *arena_array(struct arena *arena, size_t n, size_t size_bytes);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length_bytes);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* Whether memory was short at any time, here or, by arena_fail(), for something that was to come here. */
bool arena_failed(const struct arena *arena);
void arena_fail(struct arena *arena);
#endif
