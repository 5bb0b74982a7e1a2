/* DOC: boxes of a network in the making. Failure is sticky: a text that could not be made is "", and the owner looks
 * once, at the end. */
#include "base/names.h"
#include "view/drawing.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 12u /* of small print in a box */
#define POOL_LINES 3  /* further addresses of a NAT that are listed */

const char *network_text(struct network *network, const char *text)
{
	if (!text)
		network->failed = true;
	return text ? text : "";
}

const char *network_addr(struct network *network, be32 addr)
{
	char printed[ADDR_TEXT_BYTES];
	return network_text(network, arena_strdup(network->arena, addr_print(addr, printed)));
}

const char *network_prefixes(struct network *network, const struct prefix *prefixes, size_t n)
{
	char printed[PREFIX_TEXT_BYTES];
	struct buf text = {0};
	for (size_t i = 0; i < n && i < 4; i++)
		buf_printf(&text, "%s%s", i > 0 ? ", " : "", prefix_print(prefixes[i], printed));
	if (n > 4)
		buf_printf(&text, " and %zu more", n - 4);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(network->arena, buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

uint32_t network_add(struct network *network, enum topology_kind kind, uint32_t parent, const char *name,
		     const char *note)
{
	if (network->n == network->capacity) {
		size_t capacity = network->capacity ? 2 * network->capacity : 64;
		struct topology_box *grown = arena_array(network->arena, capacity, sizeof *grown);
		if (!grown) {
			network->failed = true;
			return 0;
		}
		if (network->n > 0)
			memcpy(grown, network->boxes, network->n * sizeof *grown);
		network->boxes = grown;
		network->capacity = capacity;
	}
	network->boxes[network->n] = (struct topology_box){.kind = kind,
							   .parent = parent,
							   .beside = TOPOLOGY_NONE,
							   .joins = TOPOLOGY_NONE,
							   .name = name,
							   .note = note};
	return (uint32_t)network->n++;
}

void network_is_node(struct network *network, uint32_t box, uint32_t node)
{
	network->box_of_node[node] = box;
}

static const char *formatted(struct network *network, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static const char *formatted(struct network *network, const char *format, va_list args)
{
	return network_text(network, arena_vprintf(network->arena, format, args));
}

void network_line(struct network *network, uint32_t index, const char *format, ...)
{
	va_list args;
	if (network->failed)
		return;
	struct topology_box *box = &network->boxes[index];
	const char **lines = (const char **)(uintptr_t)box->lines;
	if (!lines)
		lines = arena_array(network->arena, MAX_LINES, sizeof *lines);
	if (!lines) {
		network->failed = true;
		return;
	}
	box->lines = lines;
	if (box->n_lines == MAX_LINES)
		return;
	va_start(args, format);
	lines[box->n_lines++] = formatted(network, format, args);
	va_end(args);
}

void network_hover(struct network *network, uint32_t index, const char *format, ...)
{
	va_list args;
	if (network->failed)
		return;
	struct topology_box *box = &network->boxes[index];
	va_start(args, format);
	const char *text = formatted(network, format, args);
	va_end(args);
	box->hover =
		box->hover ? network_text(network, arena_printf(network->arena, "%s\n%s", box->hover, text)) : text;
}

void network_pool(struct network *network, uint32_t box, const struct nat_rules *nat, be32 reported)
{
	size_t n = 0;
	for (size_t i = 0; i < nat->n_addresses; i++)
		if (!be32_equal(nat->addresses[i], reported) && n++ < POOL_LINES)
			network_line(network, box, "and %s", network_addr(network, nat->addresses[i]));
	if (n > POOL_LINES)
		network_line(network, box, "and %zu more", n - POOL_LINES);
}

/* ---- order ---- */

struct named {
	const char *name;
	uint32_t index;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = name_compare_natural(x->name, y->name);
	return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

const uint32_t *network_order(struct network *network, const void *items, size_t n, size_t size_bytes)
{
	struct named *named = arena_array(network->arena, n ? n : 1, sizeof *named);
	uint32_t *order = arena_array(network->arena, n ? n : 1, sizeof *order);
	if (!named || !order) {
		network->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		const char *const *name = (const void *)((const char *)items + i * size_bytes);
		named[i] = (struct named){*name, (uint32_t)i};
	}
	qsort(named, n, sizeof *named, by_name);
	for (size_t i = 0; i < n; i++)
		order[i] = named[i].index;
	return order;
}
