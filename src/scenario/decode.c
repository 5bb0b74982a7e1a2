/* DOC: the generic decoder: it takes a key's type, bounds and default from the table, says what is wrong at its place,
 * and goes on. A value that is wrong counts as one that is not there: its reader returns false, and nothing is said
 * about it a second time. */
#include "scenario/decode.h"
#include "base/units.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_RATE UINT64_C(1000000000000) /* a packet's time on the line stays more than zero */

/* As messages show it. */
const char *decode_shown(const struct tree *node)
{
	return node->kind == TREE_SCALAR ? node->text : node->kind == TREE_MAP ? "{...}" : "[...]";
}

const char *did_you_mean(struct decoder *d, const char *name, const char *const *candidates, size_t n)
{
	const char *nearest = diag_may_search(d->diags) ? name_nearest(name, candidates, n) : NULL;
	return nearest ? arena_printf(d->arena, "did you mean `%s`?", nearest) : NULL;
}

void *decode_array(struct decoder *d, size_t n, size_t size_bytes)
{
	void *array = arena_array(d->arena, n ? n : 1, size_bytes);
	if (!array)
		d->error = -ENOMEM;
	return array;
}

/* ---- sections ---- */

bool decode_section(struct decoder *d, const struct tree *node, enum section section)
{
	size_t n;
	const struct key *keys = keys_of(section, &n);
	if (!tree_is_null(node) && node->kind != TREE_MAP) {
		diag_error(d->diags, node->place, "write it as {key: value}, or a key a line", "%s is a map of keys",
			   section_name(section));
		return false;
	}
	for (struct tree *child = node->kind == TREE_MAP ? node->first : NULL; child; child = child->next) {
		const struct key *key = key_find(section, child->key);
		if (!key)
			unknown_key(d, child, section);
		else if (key->type == KEY_SOURCE)
			check_source(d, child, section);
	}
	for (size_t i = 0; i < n; i++)
		if (keys[i].required && tree_is_null(tree_get(node, keys[i].name)))
			diag_error(d->diags,
				   tree_get(node, keys[i].name) ? tree_get(node, keys[i].name)->key_place : node->place,
				   key_sample(d, &keys[i]), "%s needs `%s`", section_name(section), keys[i].name);
	return true;
}

void check_name(struct decoder *d, const char *name, struct place place)
{
	if (!name_is_valid(name))
		diag_error(d->diags, place,
			   "names are small letters, digits and hyphens, at most 63, and begin with a letter or digit",
			   "`%s` is not a name", name);
}

void check_azure_name(struct decoder *d, const char *name, struct place place)
{
	if (!name_is_azures(name))
		diag_error(d->diags, place,
			   "names are letters, digits, `_`, `.` and `-`, at most 80; they begin with a letter or digit "
			   "and end with a letter, digit or `_`",
			   "`%s` is not a name", name);
}

void report_case(struct decoder *d, const char *name, struct place place, const char *other, struct place other_place)
{
	diag_error(d->diags, place,
		   arena_printf(d->arena, "`%s` stands at %s; give one of them another name", other,
				diag_where(d->arena, place, other_place)),
		   "`%s` and `%s` differ in case alone, which Azure takes for one name", name, other);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp((*(const struct tree *const *)a)->key, (*(const struct tree *const *)b)->key);
}

static const struct tree **children(struct decoder *d, const struct tree *node, size_t *ret_n)
{
	const struct tree **items = decode_array(d, node->n, sizeof *items);
	*ret_n = 0;
	if (items && node->sorted) {
		memcpy(items, node->sorted, node->n * sizeof *items);
		*ret_n = node->n;
		return items;
	}
	for (const struct tree *child = items ? node->first : NULL; child; child = child->next)
		items[(*ret_n)++] = child;
	return items;
}

static int compare_without_case(const void *a, const void *b)
{
	const char *x = (*(const struct tree *const *)a)->key, *y = (*(const struct tree *const *)b)->key;
	int order = strcasecmp(x, y);
	return order != 0 ? order : strcmp(x, y);
}

/* Azure takes names that differ in case alone for one name. The later of two is the wrong one. */
static void check_case(struct decoder *d, const struct tree *const *items, size_t n)
{
	size_t in_order = 1; /* names in small letters are in this order as they are */
	while (in_order < n && strcasecmp(items[in_order - 1]->key, items[in_order]->key) < 0)
		in_order++;
	if (in_order >= n)
		return;
	const struct tree **sorted = decode_array(d, n, sizeof *sorted);
	if (!sorted)
		return;
	memcpy(sorted, items, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, compare_without_case);
	for (size_t i = 1; i < n; i++) {
		if (strcasecmp(sorted[i]->key, sorted[i - 1]->key) != 0)
			continue;
		bool is_later = !model_stands_before(d->model, sorted[i]->key_place, sorted[i - 1]->key_place);
		const struct tree *other = sorted[is_later ? i - 1 : i], *wrong = sorted[is_later ? i : i - 1];
		report_case(d, wrong->key, wrong->key_place, other->key, other->key_place);
	}
}

static const struct tree **map_of(struct decoder *d, const struct tree *node, const char *what,
				  void (*check)(struct decoder *d, const char *name, struct place place), size_t *ret_n)
{
	*ret_n = 0;
	if (tree_is_null(node))
		return NULL;
	if (node->kind != TREE_MAP) {
		diag_error(d->diags, node->place, "NAME: {...}", "%s are a map by name", what);
		return NULL;
	}
	size_t n;
	const struct tree **items = children(d, node, &n);
	/* What has a wrong name is kept, so that a reference to it is no second error. A duplicate was reported by the
	 * reader; the first counts. */
	for (size_t i = 0; items && i < n; i++) {
		if (tree_get(node, items[i]->key) != items[i])
			continue;
		check(d, items[i]->key, items[i]->key_place);
		items[(*ret_n)++] = items[i];
	}
	if (items && !node->sorted)
		qsort(items, *ret_n, sizeof *items, compare_keys);
	return items;
}

const struct tree **decode_map(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n)
{
	const struct tree **items = map_of(d, node, what, check_azure_name, ret_n);
	if (items)
		check_case(d, items, *ret_n);
	return items;
}

const struct tree **decode_own_map(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n)
{
	return map_of(d, node, what, check_name, ret_n);
}

const struct tree **decode_list(struct decoder *d, const struct tree *node, const char *what, bool or_one,
				size_t *ret_n)
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

const struct tree **decode_some(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n)
{
	const struct tree **items = decode_list(d, node, what, true, ret_n);
	if (items && *ret_n == 0)
		diag_error(d->diags, node->place, "name at least one, or leave it out", "%s is an empty list", what);
	return items;
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
static bool value_of(struct decoder *d, const struct tree *node, enum section section, const char *key_name,
		     struct tree *ret)
{
	const struct key *key = key_find(section, key_name);
	const struct tree *value = tree_get(node, key_name);
	if (tree_is_null(value)) {
		if (!key->fallback)
			return false;
		*ret = (struct tree){.kind = TREE_SCALAR,
				     .text = key->fallback,
				     .key = key_name,
				     .place = node ? node->place : PLACE_NONE};
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

bool decode_scalar_int(struct decoder *d, const struct tree *scalar, const char *what, int64_t min, int64_t max,
		       int64_t *ret)
{
	uint64_t number;
	if (scalar->kind == TREE_SCALAR && read_number(scalar->text, INT64_MAX, &number) && (int64_t)number >= min &&
	    (int64_t)number <= max) {
		*ret = (int64_t)number;
		return true;
	}
	const char *hint = max == INT64_MAX ? arena_printf(d->arena, "a whole number, at least %lld", (long long)min)
			   : min == max     ? arena_printf(d->arena, "write `%s: %lld`", what, (long long)min)
					    : arena_printf(d->arena, "a whole number from %lld to %lld", (long long)min,
							   (long long)max);
	diag_error(d->diags, scalar->place, hint, "`%s` is not a value of `%s`", decode_shown(scalar), what);
	return false;
}

bool decode_int(struct decoder *d, const struct tree *node, enum section section, const char *key_name, int64_t *ret)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	return value_of(d, node, section, key_name, &value) &&
	       decode_scalar_int(d, &value, key_name, key->min, key->max ? key->max : INT64_MAX, ret);
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

/* `units` are examples, `bounds` the way out where the unit was right. */
static void wrong_unit(struct decoder *d, const struct tree *value, const char *key, enum units_error error,
		       const char *units, const char *bounds)
{
	switch (error) {
	case UNITS_OK:
		return;
	case UNITS_NO_UNIT:
		diag_error(d->diags, value->place, arena_printf(d->arena, "give it a unit: %s", units),
			   "`%s: %s` has no unit", key, value->text);
		return;
	case UNITS_NOT_A_NUMBER:
	case UNITS_UNKNOWN:
		diag_error(d->diags, value->place, arena_printf(d->arena, "such as %s", units),
			   "`%s` is not a value of `%s`", value->text, key);
		return;
	case UNITS_OUT_OF_RANGE:
		diag_error(d->diags, value->place, bounds, "`%s: %s` is out of range", key, value->text);
		return;
	}
}

bool decode_duration(struct decoder *d, const struct tree *node, enum section section, const char *key_name,
		     int64_t *ret_ns)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	if (!value_of(d, node, section, key_name, &value))
		return false;
	int64_t ns;
	char min[UNITS_TEXT_BYTES], max[UNITS_TEXT_BYTES];
	enum units_error error = units_duration(value.text, &ns);
	if (error == UNITS_OK && ns >= key->min && ns <= key->max) {
		*ret_ns = ns;
		return true;
	}
	wrong_unit(d, &value, key_name, error == UNITS_OK ? UNITS_OUT_OF_RANGE : error, "500us, 40ms, 30s, 4m, 2h",
		   arena_printf(d->arena, "from %s to %s, in steps of a nanosecond",
				units_print_duration(key->min, min), units_print_duration(key->max, max)));
	return false;
}

/* DURATION or exponential(MEAN). */
bool decode_hold(struct decoder *d, const struct tree *node, enum section section, const char *key_name,
		 int64_t *ret_ns, bool *ret_exponential)
{
	static const char head[] = "exponential(";
	struct tree value;
	const struct key *key = key_find(section, key_name);
	if (!value_of(d, node, section, key_name, &value))
		return false;
	size_t n = strlen(value.text);
	*ret_exponential = strncmp(value.text, head, sizeof head - 1) == 0 && value.text[n - 1] == ')';
	const char *text =
		*ret_exponential ? arena_strndup(d->arena, value.text + sizeof head - 1, n - sizeof head) : value.text;
	char max[UNITS_TEXT_BYTES];
	enum units_error error = text ? units_duration(text, ret_ns) : UNITS_OUT_OF_RANGE;
	if (error == UNITS_OK && *ret_ns <= key->max)
		return true;
	wrong_unit(d, &value, key_name, error == UNITS_OK ? UNITS_OUT_OF_RANGE : error, "30s, 4m, exponential(30s)",
		   arena_printf(d->arena, "from 0s to %s", units_print_duration(key->max, max)));
	return false;
}

bool decode_size(struct decoder *d, const struct tree *node, enum section section, const char *key_name, uint64_t *ret)
{
	struct tree value;
	const struct key *key = key_find(section, key_name);
	if (!value_of(d, node, section, key_name, &value))
		return false;
	uint64_t size;
	char min[UNITS_TEXT_BYTES], max[UNITS_TEXT_BYTES];
	enum units_error error = units_size(value.text, &size);
	if (error == UNITS_OK && size >= (uint64_t)key->min && size <= (uint64_t)key->max) {
		*ret = size;
		return true;
	}
	wrong_unit(d, &value, key_name, error == UNITS_OK ? UNITS_OUT_OF_RANGE : error, "300B, 2kB, 1MB",
		   arena_printf(d->arena, "from %s to %s", units_print_size((uint64_t)key->min, min),
				units_print_size((uint64_t)key->max, max)));
	return false;
}

bool decode_rate(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret)
{
	struct tree value;
	if (!value_of(d, node, section, key, &value))
		return false;
	uint64_t rate;
	enum units_error error = units_rate(value.text, &rate);
	if (error == UNITS_OK && rate > 0 && rate <= MAX_RATE) {
		*ret = rate;
		return true;
	}
	wrong_unit(d, &value, key, error == UNITS_OK ? UNITS_OUT_OF_RANGE : error, "64kbit/s, 100Mbit/s, 1Gbit/s",
		   "from 1bit/s to 1000Gbit/s; for a link that carries nothing, `state: down`");
	return false;
}

bool decode_fraction(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret)
{
	struct tree value;
	if (!value_of(d, node, section, key, &value))
		return false;
	uint64_t parts;
	enum units_error error = units_fraction(value.text, &parts);
	if (error == UNITS_OK) {
		*ret = parts;
		return true;
	}
	wrong_unit(d, &value, key, error, "0, 0.01, 1%, 1", "from 0 to 1, or from 0% to 100%");
	return false;
}

bool decode_scalar_address(struct decoder *d, const struct tree *scalar, be32 *ret)
{
	bool reads = scalar->kind == TREE_SCALAR && addr_parse(scalar->text, ret);
	if (reads && ret->raw != ADDR_NONE.raw)
		return true;
	diag_error(d->diags, scalar->place, "such as 192.23.1.2",
		   reads ? "%s is no machine's address" : "`%s` is not an IPv4 address", decode_shown(scalar));
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
		diag_error(d->diags, scalar->place,
			   arena_printf(d->arena, "the network is %s", prefix_print(*ret, text)),
			   "prefix %s has host bits set", scalar->text);
		return false;
	case PREFIX_SYNTAX:
		diag_error(d->diags, scalar->place, "such as 10.0.1.0/26", "`%s` is not an IPv4 prefix",
			   decode_shown(scalar));
		return false;
	}
	return false;
}

bool decode_prefixes(struct decoder *d, const struct tree *node, const char *key, struct prefix **ret, size_t *ret_n)
{
	size_t n;
	const struct tree **items = decode_some(d, tree_get(node, key), arena_printf(d->arena, "`%s`", key), &n);
	*ret = decode_array(d, n, sizeof **ret);
	*ret_n = 0;
	for (size_t i = 0; *ret && i < n; i++)
		if (decode_scalar_prefix(d, items[i], &(*ret)[*ret_n]))
			(*ret_n)++;
	return *ret_n == n;
}

/* "a|b|c": "did you mean `a`?" where one is near, else "one of: a, b, c". */
static const char *choices(struct decoder *d, const char *values, const char *wrong)
{
	const char *words[16], *list = NULL;
	size_t n = 0;
	char *copy = arena_strdup(d->arena, values), *rest = NULL;
	for (char *word = copy ? strtok_r(copy, "|", &rest) : NULL; word && n < 16; word = strtok_r(NULL, "|", &rest)) {
		words[n++] = word;
		list = list ? arena_printf(d->arena, "%s, %s", list, word) : arena_printf(d->arena, "one of: %s", word);
	}
	const char *hint = did_you_mean(d, wrong, words, n);
	return hint ? hint : list;
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
	diag_error(d->diags, value.place, choices(d, key->values, value.text), "`%s` is not a value of `%s`",
		   value.text, key_name);
	return false;
}

bool decode_worker(const char *text, uint32_t *ret)
{
	return decode_numbered(text, "worker-", ret);
}

bool decode_numbered(const char *text, const char *prefix, uint32_t *ret)
{
	uint64_t number;
	size_t n = strlen(prefix);
	if (strncmp(text, prefix, n) != 0 || (text[n] == '0' && text[n + 1] != '\0') ||
	    !read_number(text + n, UINT32_MAX - 1, &number))
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool read_port(struct decoder *d, const char *text, struct service_port *port)
{
	const char *slash = strchr(text, '/');
	char *digits = slash ? arena_strndup(d->arena, text, (size_t)(slash - text)) : NULL;
	uint64_t number;
	bool tcp = slash && strcmp(slash, "/tcp") == 0, udp = slash && strcmp(slash, "/udp") == 0;
	if (!digits || !(tcp || udp) || !read_number(digits, 65535, &number) || number == 0)
		return false;
	port->port = (uint16_t)number;
	port->proto = tcp ? PROTO_TCP : PROTO_UDP;
	return true;
}

bool decode_ports(struct decoder *d, const struct tree *node, struct service_port **ret, size_t *ret_n)
{
	size_t n;
	const struct tree **items = decode_list(d, node, "`listen`", true, &n);
	*ret = decode_array(d, n, sizeof **ret);
	*ret_n = 0;
	for (size_t i = 0; *ret && i < n; i++) {
		struct service_port port = {.place = items[i]->place};
		if (!read_port(d, decode_shown(items[i]), &port)) {
			diag_error(d->diags, items[i]->place, "such as 443/tcp or 53/udp", "`%s` is not a port",
				   decode_shown(items[i]));
			continue;
		}
		bool again = false;
		for (size_t k = 0; k < *ret_n; k++)
			again = again || ((*ret)[k].port == port.port && (*ret)[k].proto == port.proto);
		if (again)
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice",
				   decode_shown(items[i]));
		else
			(*ret)[(*ret_n)++] = port;
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
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name_at(array, middle, size_bytes), name);
		if (order == 0)
			return (uint32_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NONE;
}

void unknown_name(struct decoder *d, struct place place, const char *what, const char *name, const void *array,
		  size_t n, size_t size_bytes)
{
	const char **names = decode_array(d, n, sizeof *names);
	if (!names)
		return;
	for (size_t i = 0; i < n; i++)
		names[i] = name_at(array, i, size_bytes);
	const char *hint = did_you_mean(d, name, names, n);
	if (!hint)
		hint = n ? arena_printf(d->arena, "there is `%s`", names[0]) : "the scenario has none";
	diag_error(d->diags, place, hint, "unknown %s `%s`", what, name);
}
