/* Names: the map, which names are valid, and how near two are. */
#include "base/names.h"
#include "base/random.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct names_slot {
	const char *name; /* NULL: free */
	uint32_t number;
};

void names_deinit(struct names *names)
{
	free(names->slots);
	*names = (struct names){0};
}

static struct names_slot *find(struct names_slot *slots, size_t n_slots, const char *name)
{
	size_t i = (size_t)random_name(name) & (n_slots - 1);
	while (slots[i].name && strcmp(slots[i].name, name) != 0)
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

int names_add(struct names *names, const char *name, uint32_t number)
{
	if (names->n + 1 > names->n_slots / 2) {
		size_t n_slots = names->n_slots ? names->n_slots * 2 : 32;
		struct names_slot *slots = calloc(n_slots, sizeof *slots);
		if (!slots)
			return -ENOMEM;
		for (size_t i = 0; i < names->n_slots; i++)
			if (names->slots[i].name)
				*find(slots, n_slots, names->slots[i].name) = names->slots[i];
		free(names->slots);
		names->slots = slots;
		names->n_slots = n_slots;
	}
	struct names_slot *slot = find(names->slots, names->n_slots, name);
	if (slot->name)
		return 1;
	*slot = (struct names_slot){name, number};
	names->n++;
	return 0;
}

void names_set(struct names *names, const char *name, uint32_t number)
{
	struct names_slot *slot = names->n ? find(names->slots, names->n_slots, name) : NULL;
	if (slot && slot->name)
		slot->number = number;
}

bool names_find(const struct names *names, const char *name, uint32_t *ret_number)
{
	if (names->n == 0)
		return false;
	const struct names_slot *slot = find(names->slots, names->n_slots, name);
	if (slot->name)
		*ret_number = slot->number;
	return slot->name;
}

#define MAX_COMPARED 128

/* Optimal string alignment, three rows at a time. */
size_t name_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	if (n > MAX_COMPARED || m > MAX_COMPARED)
		return n > m ? n : m;
	size_t rows[3][MAX_COMPARED + 1];
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && above2[j - 2] + 1 < best)
				best = above2[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[n % 3][m];
}

const char *name_nearest(const char *name, const char *const *candidates, size_t n)
{
	const char *nearest = NULL;
	size_t best = 1 + strlen(name) / 3;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(name, candidates[i]) == 0)
			return candidates[i];
	for (size_t i = 0; i < n; i++) {
		size_t distance = name_distance(name, candidates[i]);
		if (distance < best || (distance == best && !nearest)) {
			best = distance;
			nearest = candidates[i];
		}
	}
	return nearest;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Of two numbers: without leading zeros the longer one is the larger. */
static int compare_numbers(const char **a, const char **b)
{
	size_t n_a = 0, n_b = 0;
	while (**a == '0' && is_digit((*a)[1]))
		++*a;
	while (**b == '0' && is_digit((*b)[1]))
		++*b;
	while (is_digit((*a)[n_a]))
		n_a++;
	while (is_digit((*b)[n_b]))
		n_b++;
	int order = n_a != n_b ? (n_a < n_b ? -1 : 1) : memcmp(*a, *b, n_a);
	*a += n_a;
	*b += n_b;
	return order;
}

int name_compare_natural(const char *a, const char *b)
{
	const char *whole_a = a, *whole_b = b;
	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			int order = compare_numbers(&a, &b);
			if (order != 0)
				return order;
			continue;
		}
		if (*a != *b)
			break;
		a++;
		b++;
	}
	int order = (unsigned char)*a - (unsigned char)*b;
	return order != 0 ? order : strcmp(whole_a, whole_b);
}

bool name_is_valid(const char *name)
{
	size_t n = 0;
	while ((name[n] >= 'a' && name[n] <= 'z') || is_digit(name[n]) || name[n] == '-')
		n++;
	return !name[n] && n >= 1 && n <= 63 && name[0] != '-';
}

bool name_is_azures(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if (!is_letter(name[i]) && !is_digit(name[i]) && !strchr("_.-", name[i]))
			return false;
	return n >= 1 && n <= NAME_AZURE_BYTES && !strchr("_.-", name[0]) && !strchr(".-", name[n - 1]);
}
