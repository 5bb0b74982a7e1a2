/* DOC: how values of settings are written, and how the list grows. A failed allocation is remembered, and told at the
 * end. */
#include "base/units.h"
#include "facade/settings.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void grow(struct settings *list)
{
	size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
	struct report_setting *items = arena_array(list->arena, capacity, sizeof *items);
	if (!items) {
		list->failed = true;
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		items[i] = list->items[i];
	list->items = items;
	list->capacity = capacity;
}

/* Adds what stands in `value`. */
void settings_put(struct settings *list, const char *format, ...)
{
	if (list->n == list->capacity)
		grow(list);
	va_list args;
	va_start(args, format);
	const char *path = list->failed ? NULL : arena_vprintf(list->arena, format, args);
	va_end(args);
	const char *value = arena_strdup(list->arena, buf_text(&list->value));
	list->failed = list->failed || !path || !value || buf_failed(&list->value);
	buf_clear(&list->value);
	if (!list->failed)
		list->items[list->n++] = (struct report_setting){path, value};
}

void settings_text(struct settings *list, const char *value)
{
	buf_puts(&list->value, value);
}

void settings_number(struct settings *list, uint64_t value)
{
	buf_printf(&list->value, "%" PRIu64, value);
}

void settings_truth(struct settings *list, bool value)
{
	settings_text(list, value ? "true" : "false");
}

void settings_duration(struct settings *list, int64_t ns)
{
	char printed[UNITS_TEXT_BYTES];
	settings_text(list, units_print_duration(ns, printed));
}

void settings_size(struct settings *list, uint64_t bytes)
{
	char printed[UNITS_TEXT_BYTES];
	settings_text(list, units_print_size(bytes, printed));
}

void settings_addr(struct settings *list, be32 value)
{
	char printed[ADDR_TEXT_BYTES];
	settings_text(list, addr_print(value, printed));
}

/* Parts of 2^32 as a decimal fraction of nine places, rounded, without trailing zeros. */
void settings_fraction(struct settings *list, uint64_t parts)
{
	char digits[16];
	uint64_t billionths = (parts * UINT64_C(1000000000) + (UINT64_C(1) << 31)) >> 32;
	int n = snprintf(digits, sizeof digits, "%" PRIu64 ".%09" PRIu64, billionths / 1000000000,
			 billionths % 1000000000);
	while (n > 0 && digits[n - 1] == '0')
		digits[--n] = '\0';
	if (n > 0 && digits[n - 1] == '.')
		digits[--n] = '\0';
	settings_text(list, digits);
}

void settings_prefixes(struct settings *list, const struct prefix *items, size_t n)
{
	char printed[PREFIX_TEXT_BYTES];
	buf_putc(&list->value, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&list->value, "%s%s", i == 0 ? "" : ", ", prefix_print(items[i], printed));
	buf_putc(&list->value, ']');
}

void settings_listen(struct settings *list, const struct service_port *ports, size_t n)
{
	buf_putc(&list->value, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&list->value, "%s%u/%s", i == 0 ? "" : ", ", ports[i].port, proto_name(ports[i].proto));
	buf_putc(&list->value, ']');
}

void settings_bits(struct settings *list, uint32_t set, const struct bit_name *names, size_t n)
{
	const char *separator = "";
	buf_putc(&list->value, '[');
	for (size_t i = 0; i < n; i++) {
		if ((set & names[i].bit) == 0)
			continue;
		buf_printf(&list->value, "%s%s", separator, names[i].name);
		separator = ", ";
	}
	buf_putc(&list->value, ']');
}
