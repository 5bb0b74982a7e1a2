/* A capture read back: pcapng as Wireshark and we write it, and classic pcap. For the comparison of captures, which takes
 * them in pieces: a file may be larger than the memory. */
#ifndef PKTPATH_OUT_READING_H
#define PKTPATH_OUT_READING_H
#include "base/arena.h"
#include "base/names.h"
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

/* A capture that is read in pieces. The names of its interfaces are in `arena`. 0 or negative errno. */
struct reading_source;
int reading_open(struct arena *arena, const char *path, struct reading_source **ret);
/* The next records into `arena`, of about `limit_bytes` of the file; ret->interfaces are all that are known by then. As
 * reading_load(); once the capture is over, or damaged, there are no more records. */
int reading_next(struct reading_source *source, struct arena *arena, size_t limit_bytes, struct reading *ret);
bool reading_is_over(const struct reading_source *source);
/* NULL is allowed; returns NULL. */
struct reading_source *reading_close(struct reading_source *source);

/* The whole file; an empty one gives a valid pointer. 0 or negative errno. */
int reading_bytes(struct arena *arena, const char *path, const uint8_t **ret, size_t *ret_bytes);

/* ---- what the files of reading share ---- */

/* Room for one item more: an array in the arena doubles, and what it leaves behind is less than what it keeps. False
 * where memory is short.
 */
bool reading_grow(struct arena *arena, void **items, size_t n, size_t *capacity, size_t item_bytes);
/* Records and interfaces as they come. */
struct reading_list {
	struct arena *arena, *interface_arena;
	struct names numbers; /* of interfaces */
	struct reading_record *records;
	const char **interfaces;
	size_t n_records, capacity_records, n_interfaces, capacity_interfaces;
};
int reading_add_record(struct reading_list *list, const struct reading_record *record);
/* The number of the interface of this name, old or new. 0 or -ENOMEM. */
int reading_add_interface(struct reading_list *list, const char *name, size_t name_bytes, uint32_t *ret);

struct reading_interface {
	uint32_t number;  /* of the reading */
	uint8_t exponent; /* units of time: 10^-exponent or, where binary, 2^-exponent seconds */
	bool binary;
};
struct reading_source {
	struct reading_list list;
	const char *path;
	int fd; /* of pcapng; -1 */
	uint64_t at, size_bytes;
	bool is_over, is_pcapng;
	/* of a section of pcapng */
	struct reading_interface *interfaces;
	size_t n_interfaces, capacity_interfaces;
	bool swapped; /* its numbers are big-endian */
	void *pcap;   /* of classic pcap */
};
/* reading_pcapng.c: the whole blocks of a piece of the file. *ret_bytes is how many bytes they have, `is_last` says that
 * nothing follows. As reading_load(). */
int reading_pcapng(struct reading_source *source, const uint8_t *data, size_t size_bytes, bool is_last,
		   size_t *ret_bytes, struct reading *ret);
/* Bytes of a block that begins here, as far as that is known; 0 where it is not. */
size_t reading_block_bytes(const struct reading_source *source, const uint8_t *data, size_t size_bytes);
/* reading_classic.c */
int reading_classic(struct reading_source *source, size_t limit_bytes, struct reading *ret);
void reading_classic_close(struct reading_source *source);
#endif
