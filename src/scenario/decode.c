#include "scenario/decode.h"
#include "base/units.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *decode_array(struct decoder *d, size_t n, size_t size_bytes)
{
	void *array = arena_array(d->arena, n ? n : 1, size_bytes);
	if (!array)
		d->error = -ENOMEM;
	return array;
}

/* ---- sections ---- */

static void unknown_key(struct decoder *d, const struct tree *child, enum section section)
{
	size_t n;
	const struct key *keys = keys_of(section, &n);
	const char **names = decode_array(d, n, sizeof *names);
	if (!names)
		return;
	for (size_t i = 0; i < n; i++)
		names[i] = keys[i].name;
	const char *nearest = name_nearest(child->key, names, n);
	const char *hint = nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest) : NULL;
	if (!nearest && n > 0) {
		char *list = arena_printf(d->arena, "known here: %s", names[0]);
		for (size_t i = 1; list && i < n; i++)
			list = arena_printf(d->arena, "%s, %s", list, names[i]);
		hint = list;
	}
	diag_error(d->diags, child->key_place, hint, "unknown key `%s` in %s", child->key, section_name(section));
}

bool decode_section(struct decoder *d, const struct tree *node, enum section section)
{
	size_t n;
	const struct key *keys = keys_of(section, &n);
	if (!tree_is_null(node) && node->kind != TREE_MAP) {
		diag_error(d->diags, node->place, NULL, "%s is a map of keys", section_name(section));
		return false;
	}
	for (const struct tree *child = node->kind == TREE_MAP ? node->first : NULL; child; child = child->next) {
		const struct key *key = key_find(section, child->key);
		if (!key)
			unknown_key(d, child, section);
		else if (key->later)
			diag_error(d->diags, child->key_place, "leave it out", "`%s` is not supported yet", child->key);
	}
	for (size_t i = 0; i < n; i++)
		if (keys[i].required && tree_is_null(tree_get(node, keys[i].name)))
			diag_error(d->diags, tree_get(node, keys[i].name) ? tree_get(node, keys[i].name)->key_place : node->place, keys[i].help,
				   "%s needs `%s`", section_name(section), keys[i].name);
	return true;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp((*(const struct tree *const *)a)->key, (*(const struct tree *const *)b)->key);
}

static const struct tree **children(struct decoder *d, const struct tree *node, size_t *ret_n)
{
	const struct tree **items = decode_array(d, node->n, sizeof *items);
	*ret_n = 0;
	for (const struct tree *child = items ? node->first : NULL; child; child = child->next)
		items[(*ret_n)++] = child;
	return items;
}

const struct tree **decode_map(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n)
{
	*ret_n = 0;
	if (tree_is_null(node))
		return NULL;
	if (node->kind != TREE_MAP) {
		diag_error(d->diags, node->place, NULL, "%s are a map by name", what);
		return NULL;
	}
	const struct tree **items = children(d, node, ret_n);
	size_t n = 0;
	for (size_t i = 0; items && i < *ret_n; i++) {
		if (name_is_valid(items[i]->key))
			items[n++] = items[i];
		else
			diag_error(d->diags, items[i]->key_place, "names are small letters, digits and hyphens, at most 63, and begin with a letter or digit",
				   "`%s` is not a name", items[i]->key);
	}
	*ret_n = n;
	if (items)
		qsort(items, n, sizeof *items, compare_keys);
	/* A duplicate key was reported by the reader; the first counts. */
	size_t unique = 0;
	for (size_t i = 0; items && i < n; i++)
		if (unique == 0 || strcmp(items[unique - 1]->key, items[i]->key) != 0)
			items[unique++] = items[i];
	*ret_n = unique;
	return items;
}

const struct tree **decode_list(struct decoder *d, const struct tree *node, const char *what, bool or_one, size_t *ret_n)
{
	*ret_n = 0;
	if (tree_is_null(node))
		return NULL;
	if (node->kind == TREE_SCALAR && or_one) {
		const struct tree **one = decode_array(d, 1, sizeof *one);
		if (one) {
			one[0] = node;
			*ret_n = 1;
		}
		return one;
	}
	if (node->kind != TREE_LIST) {
		diag_error(d->diags, node->place, "write it as [a, b] or with hyphens", "%s is a list", what);
		return NULL;
	}
	return children(d, node, ret_n);
}

/* ---- values ---- */

bool decode_has(const struct tree *node, const char *key)
{
	return !tree_is_null(tree_get(node, key));
}

struct place decode_place(const struct tree *node, const char *key)
{
	const struct tree *value = tree_get(node, key);
	return value ? value->place : node->place;
}

/* The value, or the default from the table as a node of its own; false where neither is there, or it is no scalar. */
static bool value_of(struct decoder *d, const struct tree *node, enum section section, const char *key_name, struct tree *ret)
{
	const struct key *key = key_find(section, key_name);
	const struct tree *value = tree_get(node, key_name);
	if (tree_is_null(value)) {
		if (!key->fallback)
			return false;
		*ret = (struct tree){.kind = TREE_SCALAR, .text = key->fallback, .key = key_name, .place = node ? node->place : PLACE_NONE};
		return true;
	}
	if (value->kind != TREE_SCALAR) {
		diag_error(d->diags, value->place, key->help, "`%s` is a single value", key_name);
		return false;
	}
	*ret = *value;
	return true;
}

const char *decode_text(struct decoder *d, const struct tree *node, enum section section, const char *key)
{
	struct tree value;
	return value_of(d, node, section, key, &value) ? value.text : NULL;
}

bool read_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t number = 0;
	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || number > (max - (uint64_t)(*text - '0')) / 10)
			return false;
		number = number * 10 + (uint64_t)(*text - '0');
	}
	*ret = number;
	return true;
}

bool decode_scalar_int(struct decoder *d, const struct tree *scalar, const char *what, int64_t min, int64_t max, int64_t *ret)
{
	uint64_t number;
	if (scalar->kind == TREE_SCALAR && read_number(scalar->text, INT64_MAX, &number) && (int64_t)number >= min && (int64_t)number <= max) {
		*ret = (int64_t)number;
		return true;
	}
	const char *hint = max == INT64_MAX ? arena_printf(d->arena, "a whole number, at least %lld", (long long)min) :
					      arena_printf(d->arena, "a whole number from %lld to %lld", (long long)min, (long long)max);
	diag_error(d->diags, scalar->place, hint, "`%s` is not a value of `%s`", scalar->kind == TREE_SCALAR ? scalar->text : "this", what);
	return false;
}

bool decode_int(struct decoder *d, const struct tree *node, enum section section, const char *key_name, int64_t *ret)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	return value_of(d, node, section, key_name, &value) && decode_scalar_int(d, &value, key_name, key->min, key->max ? key->max : INT64_MAX, ret);
}

bool decode_bool(struct decoder *d, const struct tree *node, enum section section, const char *key, bool *ret)
{
	struct tree value;
	if (!value_of(d, node, section, key, &value))
		return false;
	*ret = strcmp(value.text, "true") == 0;
	if (*ret || strcmp(value.text, "false") == 0)
		return true;
	diag_error(d->diags, value.place, "`true` or `false`", "`%s` is not a value of `%s`", value.text, key);
	return false;
}

static void wrong_unit(struct decoder *d, const struct tree *value, const char *key, enum units_error error, const char *units)
{
	switch (error) {
	case UNITS_OK:
		return;
	case UNITS_NO_UNIT:
		diag_error(d->diags, value->place, arena_printf(d->arena, "give it a unit: %s", units), "`%s: %s` has no unit", key, value->text);
		return;
	case UNITS_NOT_A_NUMBER:
	case UNITS_UNKNOWN:
		diag_error(d->diags, value->place, arena_printf(d->arena, "such as %s", units), "`%s` is not a value of `%s`", value->text, key);
		return;
	case UNITS_OUT_OF_RANGE:
		diag_error(d->diags, value->place, arena_printf(d->arena, "such as %s", units), "`%s: %s` is out of range", key, value->text);
		return;
	}
}

bool decode_duration(struct decoder *d, const struct tree *node, enum section section, const char *key_name, int64_t *ret_ns)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	if (!value_of(d, node, section, key_name, &value))
		return false;
	enum units_error error = units_duration(value.text, ret_ns);
	if (error == UNITS_OK && (*ret_ns < key->min || (key->max && *ret_ns > key->max)))
		error = UNITS_OUT_OF_RANGE;
	wrong_unit(d, &value, key_name, error, "500us, 40ms, 30s, 4m, 2h");
	return error == UNITS_OK;
}

bool decode_size(struct decoder *d, const struct tree *node, enum section section, const char *key_name, uint64_t *ret)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	if (!value_of(d, node, section, key_name, &value))
		return false;
	enum units_error error = units_size(value.text, ret);
	if (error == UNITS_OK && (*ret < (uint64_t)key->min || (key->max && *ret > (uint64_t)key->max)))
		error = UNITS_OUT_OF_RANGE;
	wrong_unit(d, &value, key_name, error, "300B, 2kB, 1MB");
	return error == UNITS_OK;
}

bool decode_rate(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret)
{
	struct tree value;
	if (!value_of(d, node, section, key, &value))
		return false;
	enum units_error error = units_rate(value.text, ret);
	if (error == UNITS_OK && *ret == 0)
		error = UNITS_OUT_OF_RANGE;
	wrong_unit(d, &value, key, error, "64kbit/s, 100Mbit/s, 1Gbit/s");
	return error == UNITS_OK;
}

bool decode_fraction(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret)
{
	struct tree value;
	if (!value_of(d, node, section, key, &value))
		return false;
	enum units_error error = units_fraction(value.text, ret);
	wrong_unit(d, &value, key, error, "0, 0.01, 1%, 1");
	return error == UNITS_OK;
}

bool decode_scalar_address(struct decoder *d, const struct tree *scalar, be32 *ret)
{
	if (scalar->kind == TREE_SCALAR && addr_parse(scalar->text, ret))
		return true;
	diag_error(d->diags, scalar->place, "such as 192.23.1.2", "`%s` is not an IPv4 address", scalar->kind == TREE_SCALAR ? scalar->text : "this");
	return false;
}

bool decode_address(struct decoder *d, const struct tree *node, enum section section, const char *key, be32 *ret)
{
	struct tree value;
	return value_of(d, node, section, key, &value) && decode_scalar_address(d, &value, ret);
}

bool decode_scalar_prefix(struct decoder *d, const struct tree *scalar, struct prefix *ret)
{
	char text[PREFIX_TEXT_BYTES];
	enum prefix_error error = scalar->kind == TREE_SCALAR ? prefix_parse(scalar->text, ret) : PREFIX_SYNTAX;
	switch (error) {
	case PREFIX_OK:
		return true;
	case PREFIX_HOST_BITS:
		diag_error(d->diags, scalar->place, arena_printf(d->arena, "the network is %s", prefix_print(*ret, text)), "prefix %s has host bits set", scalar->text);
		return false;
	case PREFIX_SYNTAX:
		diag_error(d->diags, scalar->place, "such as 10.0.1.0/26", "`%s` is not an IPv4 prefix", scalar->kind == TREE_SCALAR ? scalar->text : "this");
		return false;
	}
	return false;
}

bool decode_prefixes(struct decoder *d, const struct tree *node, const char *key, struct prefix **ret, size_t *ret_n)
{
	size_t n;
	const struct tree **items = decode_list(d, tree_get(node, key), key, true, &n);
	*ret = decode_array(d, n, sizeof **ret);
	*ret_n = 0;
	for (size_t i = 0; *ret && i < n; i++)
		if (decode_scalar_prefix(d, items[i], &(*ret)[*ret_n]))
			(*ret_n)++;
	return *ret_n == n;
}

bool decode_enum(struct decoder *d, const struct tree *node, enum section section, const char *key_name, unsigned *ret)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	if (!value_of(d, node, section, key_name, &value))
		return false;
	size_t length = strlen(value.text);
	*ret = 0;
	for (const char *word = key->values; word; word = strchr(word, '|') ? strchr(word, '|') + 1 : NULL, (*ret)++)
		if (strcspn(word, "|") == length && strncmp(word, value.text, length) == 0)
			return true;
	char *hint = arena_strdup(d->arena, key->values);
	for (char *bar = hint; bar && *bar; bar++)
		if (*bar == '|')
			*bar = ' ';
	diag_error(d->diags, value.place, hint ? arena_printf(d->arena, "one of: %s", hint) : NULL, "`%s` is not a value of `%s`", value.text, key_name);
	return false;
}

bool decode_worker(const char *text, uint32_t *ret)
{
	uint64_t number;
	if (strncmp(text, "worker-", 7) != 0 || !read_number(text + 7, UINT32_MAX - 1, &number))
		return false;
	*ret = (uint32_t)number;
	return true;
}

bool decode_ports(struct decoder *d, const struct tree *node, struct service_port **ret, size_t *ret_n)
{
	size_t n;
	const struct tree **items = decode_list(d, node, "listen", true, &n);
	*ret = decode_array(d, n, sizeof **ret);
	*ret_n = 0;
	for (size_t i = 0; *ret && i < n; i++) {
		const char *text = items[i]->kind == TREE_SCALAR ? items[i]->text : "";
		const char *slash = strchr(text, '/');
		char *digits = slash ? arena_strndup(d->arena, text, (size_t)(slash - text)) : NULL;
		uint64_t port;
		bool tcp = slash && strcmp(slash, "/tcp") == 0, udp = slash && strcmp(slash, "/udp") == 0;
		if (!digits || !(tcp || udp) || !read_number(digits, 65535, &port) || port == 0) {
			diag_error(d->diags, items[i]->place, "such as 443/tcp or 53/udp", "`%s` is not a port", text);
			continue;
		}
		(*ret)[(*ret_n)++] = (struct service_port){(uint16_t)port, tcp ? PROTO_TCP : PROTO_UDP, items[i]->place};
	}
	return *ret_n == n;
}

/* ---- names ---- */

static const char *name_at(const void *array, size_t i, size_t size_bytes)
{
	const char *name;
	memcpy(&name, (const char *)array + i * size_bytes, sizeof name);
	return name;
}

uint32_t find_named(const void *array, size_t n, size_t size_bytes, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name_at(array, i, size_bytes), name) == 0)
			return (uint32_t)i;
	return NONE;
}

void unknown_name(struct decoder *d, struct place place, const char *what, const char *name, const void *array, size_t n, size_t size_bytes)
{
	const char **names = decode_array(d, n, sizeof *names);
	if (!names)
		return;
	for (size_t i = 0; i < n; i++)
		names[i] = name_at(array, i, size_bytes);
	const char *nearest = name_nearest(name, names, n);
	diag_error(d->diags, place, nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest) : n ? arena_printf(d->arena, "there is `%s`", names[0]) : NULL,
		   "unknown %s `%s`", what, name);
}
