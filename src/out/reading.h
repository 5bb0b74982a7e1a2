/* A capture read back: pcapng as Wireshark and we write it, and classic pcap. For the comparison of captures. */
#ifndef PKTPATH_OUT_READING_H
#define PKTPATH_OUT_READING_H
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reading_record { /* all of it borrowed from the reading */
	int64_t unix_ns;
	const uint8_t *frame;
	const char *comment; /* not terminated; NULL where there is none */
	uint64_t id;         /* packet id; 0 where there is none */
	uint32_t comment_bytes;
	uint32_t captured_bytes, frame_bytes;
	uint32_t interface;
	uint32_t direction; /* enum pcapng_direction */
};

struct reading {
	const char *const *interfaces; /* names; "" of an interface without one. Two of one name are one. */
	size_t n_interfaces;
	const struct reading_record *records; /* as they stand in the file */
	size_t n_records;
	const char *problem; /* why it could not be read to its end; NULL */
	uint64_t problem_at; /* byte of the file; 0 where that says nothing */
};

/* Into `arena`. 0; 1 where the file is damaged or something else than a capture of Ethernet, and ret->problem says how;
 * negative errno. */
int reading_load(struct arena *arena, const char *path, struct reading *ret);

/* The whole file; an empty one gives a valid pointer. 0 or negative errno. */
int reading_bytes(struct arena *arena, const char *path, const uint8_t **ret, size_t *ret_bytes);

/* reading_pcapng.c, reading_classic.c: as reading_load(). */
int reading_pcapng(struct arena *arena, const uint8_t *data, size_t size_bytes, struct reading *ret);
int reading_classic(struct arena *arena, const char *path, struct reading *ret);

/* Room for one item more: an array in the arena doubles, and what it leaves behind is less than what it keeps. False
 * where memory is short.
 */
bool reading_grow(struct arena *arena, void **items, size_t n, size_t *capacity, size_t item_bytes);
/* Records and interfaces as they come. */
struct reading_list {
	struct arena *arena;
	struct reading_record *records;
	const char **interfaces;
	size_t n_records, capacity_records, n_interfaces, capacity_interfaces;
};
int reading_add_record(struct reading_list *list, const struct reading_record *record);
/* The number of the interface of this name, old or new. 0 or -ENOMEM. */
int reading_add_interface(struct reading_list *list, const char *name, size_t name_bytes, uint32_t *ret);
void reading_give(const struct reading_list *list, struct reading *ret);
#endif
