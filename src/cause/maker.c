/* Words that all causes share: end points, times, places, and the paths of settings. */
#include "cause/maker.h"
#include "base/units.h"
#include "base/utf8.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct flow_config *maker_flow(const struct maker *maker)
{
	return maker->need ? NULL : &maker->model->flows[maker->step->flow];
}

bool maker_ways(const struct maker *maker, struct world_way *ret_there, struct world_way *ret_back)
{
	return maker->need
		       ? world_need_ways(maker->world, maker->need, ret_there, ret_back)
		       : world_ways(maker->world, maker->step->flow, maker->step->index_in_flow, ret_there, ret_back);
}

void maker_setting(struct maker *maker, const char *format, ...)
{
	if (maker->cause->n_settings == CAUSE_MAX_SETTINGS)
		return;
	va_list args;
	va_start(args, format);
	const char *path = arena_vprintf(maker->arena, format, args);
	va_end(args);
	if (!path)
		return;
	for (size_t i = 0; i < maker->cause->n_settings; i++)
		if (strcmp(maker->cause->settings[i], path) == 0)
			return;
	maker->cause->settings[maker->cause->n_settings++] = path;
}

uint32_t element_of_address(const struct model *model, be32 addr)
{
	for (uint32_t i = 0; i < model->elements->n; i++) {
		const struct element *element = element_at(model, i);
		bool is_host = element_traits[element->kind].owner == OWNER_HOST;
		if (element_is_end_point(element->kind) &&
		    (be32_equal(element->addr, addr) ||
		     (is_host && be32_equal(model->hosts[element->owner].public_ip, addr))))
			return i;
	}
	return NONE;
}

void put_end_point(struct buf *out, be32 addr, be16 port, uint8_t proto)
{
	char text[ADDR_TEXT_BYTES];
	buf_puts(out, addr_print(addr, text));
	if (proto != PROTO_ICMP)
		buf_printf(out, ":%u", be16_to(port));
}

void put_place(struct buf *out, struct place place)
{
	if (!place.file)
		return;
	buf_puts(out, " (");
	const char *file = place_file_name(place);
	for (size_t at = 0, left = strlen(file); left > 0;) {
		char safe[UTF8_SAFE_BYTES];
		size_t n = utf8_safe(file + at, left, safe);
		buf_puts(out, safe);
		at += n;
		left -= n;
	}
	buf_printf(out, ":%u)", place.line);
}

/* Seconds with as many places as it takes, six at most. */
void put_time(struct buf *out, struct instant at)
{
	char text[48];
	int n = snprintf(text, sizeof text, "%" PRId64 ".%06" PRId64, at.ns / 1000000000, at.ns / 1000 % 1000000);
	while (n > 0 && text[n - 1] == '0')
		n--;
	n -= n > 0 && text[n - 1] == '.';
	buf_printf(out, "%.*s s", n, text);
}

/* "4m" is "4 min", "2h4m" is "2 h 4 min". */
void put_duration(struct buf *out, int64_t ns)
{
	char text[UNITS_TEXT_BYTES];
	const int64_t second_ns = INT64_C(1000000000);
	if (ns >= 10 * second_ns) /* to the second: 299.96 s are 5 min */
		ns = (ns + second_ns / 2) / second_ns * second_ns;
	units_print_duration(ns, text);
	for (const char *c = text; *c; c++) {
		bool is_unit = *c >= 'a' && *c <= 'z', was_digit = c > text && c[-1] >= '0' && c[-1] <= '9';
		if (is_unit && was_digit)
			buf_putc(out, ' ');
		if (!is_unit && c > text && c[-1] >= 'a')
			buf_putc(out, ' ');
		if (*c == 'm' && c[1] != 's')
			buf_puts(out, "min");
		else
			buf_putc(out, *c);
	}
}

const char *nat_path(struct maker *maker, const struct element *element)
{
	const char *path = element->nat ? element_path(maker->model, maker->arena, element) : NULL;
	if (path && element_is_of_kinds(element->kind))
		return path;
	if (path && element->kind == ELEMENT_VIP)
		return arena_printf(maker->arena, "%s.snat", path);
	if (path && (element->kind == ELEMENT_SITE_NAT || element->kind == ELEMENT_APPLIANCE))
		return arena_printf(maker->arena, "%s.nat", path);
	return NULL;
}

const char *nat_setting(struct maker *maker, const struct element *element, const char *key)
{
	const char *path = nat_path(maker, element);
	if (!path)
		return NULL;
	if (!element->nat_keys)
		return arena_printf(maker->arena, "%s.%s", path, key);
	for (size_t i = 0; element->nat_keys[i]; i += 2)
		if (strcmp(element->nat_keys[i], key) == 0)
			return arena_printf(maker->arena, "%s.%s", path, element->nat_keys[i + 1]);
	return NULL;
}
