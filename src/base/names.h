/* A map from names to numbers, for what is looked up by name while a scenario is read. Its order never reaches an
 * output. */
#ifndef PKTPATH_BASE_NAMES_H
#define PKTPATH_BASE_NAMES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names {
	struct names_slot *slots;
	size_t n_slots;
	size_t n;
};

void names_deinit(struct names *names);
/* 0, -ENOMEM, or 1 where the name is there already (its number is not changed). The text is borrowed. */
int names_add(struct names *names, const char *name, uint32_t number);
/* Gives a name that is there another number. */
void names_set(struct names *names, const char *name, uint32_t number);
bool names_find(const struct names *names, const char *name, uint32_t *ret_number);
/* Edit distance (insert, delete, replace, swap of neighbours), for "did you mean". */
size_t name_distance(const char *a, const char *b);
/* The nearest candidate, or NULL where none is near enough (distance at most 1 + length/3). First of equals; one that
 * differs in case alone is nearer than all others. */
const char *name_nearest(const char *name, const char *const *candidates, size_t n);
/* As people order names: numbers in them by their value, so that spoke-2 stands before spoke-10. As strcmp(). */
int name_compare_natural(const char *a, const char *b);
/* [a-z0-9][a-z0-9-]*, at most 63 characters. */
bool name_is_valid(const char *name);
/* As Azure has it for things of a network: letters, digits, `_`, `.` and `-`, at most 80; first a letter or digit, last
 * a letter, digit or `_`. */
#define NAME_AZURE_BYTES 80u
#define NAME_AZURE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
bool name_is_azures(const char *name);
#endif
