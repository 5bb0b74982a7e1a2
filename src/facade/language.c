/* DOC: the table of keys for programs that help to write scenarios: which keys may stand at a place, and what each is. A place is named by
 * the keys that lead there; names and numbers of items stand in it as they do in the file. */
#include "facade/facade.h"
#include "scenario/keys.h"
#include <string.h>

/* The section of the maps that a value of this key has; SECTION_COUNT where it has none. */
static enum section section_below(const struct key *key, bool *ret_named)
{
	*ret_named = key->type == KEY_NAMED || key->type == KEY_LIST || key->type == KEY_TAPS || key->type == KEY_PEERS;
	if (*ret_named || key->type == KEY_SECTION || key->type == KEY_ROUTE)
		return key->of;
	return key->type == KEY_COUNT ? SECTION_COUNT_RANGE : SECTION_COUNT;
}

static bool next_part(const char **at, char *ret, size_t size)
{
	size_t n = strcspn(*at, ".");
	if (n >= size)
		return false;
	memcpy(ret, *at, n);
	ret[n] = '\0';
	*at += n + ((*at)[n] == '.');
	return true;
}

/* A name may hold dots: it goes on until a key of the section comes. */
static void skip_rest_of_name(const char **at, enum section section)
{
	char part[96];
	for (const char *next = *at; *next; *at = next)
		if (!next_part(&next, part, sizeof part) || section == SECTION_COUNT || key_find(section, part))
			return;
}

/* Walks the path, "network.ases.one.snat". Sets the section whose keys stand there, or whose names: *ret_named. False where nothing
 * does. */
static bool walk(const char *path, enum section *ret, bool *ret_named, const struct key **ret_key)
{
	enum section section = SECTION_TOP;
	bool named = false;
	*ret_key = NULL;
	for (const char *at = path; *at;) {
		char part[96];
		if (!next_part(&at, part, sizeof part))
			return false;
		if (named) {
			skip_rest_of_name(&at, section);
			named = false;
			continue;
		}
		if (section == SECTION_COUNT)
			return false;
		const struct key *key = key_find(section, part);
		if (!key)
			return false;
		*ret_key = key;
		section = section_below(key, &named);
	}
	*ret = section;
	*ret_named = named;
	return true;
}

static const char *type_word(enum key_type type)
{
	static const char *const words[KEY_TYPE_COUNT] = {
		[KEY_INT] = "a whole number",  [KEY_BOOL] = "true or false",   [KEY_DURATION] = "a duration",
		[KEY_HOLD] = "a duration",     [KEY_SIZE] = "a size",          [KEY_RATE] = "a rate",
		[KEY_FRACTION] = "a fraction", [KEY_ADDRESS] = "an address",   [KEY_PUBLIC_IP] = "an address",
		[KEY_ADDRESSES] = "addresses", [KEY_PREFIX] = "a prefix",      [KEY_PREFIXES] = "prefixes",
		[KEY_SECTION] = "a map",       [KEY_NAMED] = "a map of names", [KEY_POOLS] = "a map of names",
		[KEY_TAPS] = "a map of names", [KEY_LIST] = "a list",
	};
	return words[type] ? words[type] : "a value";
}

static pp_key public_key(const struct key *key)
{
	return (pp_key){.name = key->name,
			.type = type_word(key->type),
			.values = key->type == KEY_ENUM || key->type == KEY_WORDS ? key->values
				  : key->type == KEY_BOOL                         ? "true|false"
										  : NULL,
			.fallback = key->fallback,
			.help = key->help,
			.required = key->required};
}

size_t pp_keys_at(const char *path, pp_key *ret, size_t max)
{
	enum section section;
	bool named;
	const struct key *key;
	size_t n = 0;
	if (!walk(path, &section, &named, &key) || named || section == SECTION_COUNT)
		return 0;
	const struct key *keys = keys_of(section, &n);
	for (size_t i = 0; i < n && i < max; i++)
		ret[i] = public_key(&keys[i]);
	return n < max ? n : max;
}

bool pp_key_at(const char *path, pp_key *ret)
{
	enum section section;
	bool named;
	const struct key *key;
	const char *dot = strrchr(path, '.');
	if (!walk(path, &section, &named, &key) || !key || strcmp(key->name, dot ? dot + 1 : path) != 0)
		return false;
	*ret = public_key(key);
	return true;
}
