/* The table of keys agrees with itself: names, values, defaults, bounds, sections and forms; the loader, the schema and
 * the manual believe it. */
#include "base/units.h"
#include "scenario/load.h"
#include "scenario/values.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

static bool is_word(const char *text)
{
	return *text >= 'a' && *text <= 'z' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

/* Calls `each` for every word of "a|b|c". */
static void each_word(const char *words, void (*each)(const char *word, const void *context), const void *context)
{
	char copy[1024];
	ck_assert_uint_lt(strlen(words), sizeof copy);
	strcpy(copy, words);
	for (char *rest = copy, *word; (word = strsep(&rest, "|"));)
		each(word, context);
}

static void assert_default_reads(const struct key *key)
{
	int64_t ns = 0;
	uint64_t n = 0;
	char *end;
	const char *text = key->fallback;
	/* The types that have defaults at present; one of another type is to be added here. */
	if (key->type == KEY_DURATION) {
		ck_assert_msg(units_duration(text, &ns) == UNITS_OK, "%s: %s", key->name, text);
		ck_assert(ns >= key->min && (key->max == 0 || ns <= key->max));
	} else if (key->type == KEY_SIZE) {
		ck_assert_msg(units_size(text, &n) == UNITS_OK, "%s: %s", key->name, text);
		ck_assert((int64_t)n >= key->min && (key->max == 0 || (int64_t)n <= key->max));
	} else if (key->type == KEY_FRACTION) {
		ck_assert_msg(units_fraction(text, &n) == UNITS_OK, "%s: %s", key->name, text);
	} else if (key->type == KEY_WALL_TIME) {
		ck_assert_msg(units_wall_time(text, &ns) == UNITS_OK, "%s: %s", key->name, text);
	} else if (key->type == KEY_INT) {
		ns = strtoll(text, &end, 10);
		ck_assert(*end == '\0' && ns >= key->min && (key->max == 0 || ns <= key->max));
	} else if (key->type == KEY_BOOL) {
		ck_assert(strcmp(text, "true") == 0 || strcmp(text, "false") == 0);
	} else if (key->type == KEY_ENUM) {
		ck_assert_msg(words_hold(key->values, text), "%s: %s", key->name, text);
	} else {
		ck_assert_msg(*text != '\0', "%s", key->name);
	}
}

static bool has_section(enum key_type type)
{
	return type == KEY_SECTION || type == KEY_NAMED || type == KEY_LIST || type == KEY_TAPS || type == KEY_ROUTE ||
	       type == KEY_BLOCK || type == KEY_MAPPING || type == KEY_PUBLIC_IP || type == KEY_PEERS;
}

static void assert_key(const struct key *key)
{
	ck_assert_msg(is_word(key->name), "%s", key->name);
	ck_assert_int_lt(key->type, KEY_TYPE_COUNT);
	ck_assert_msg(key->help && key->help[0] != '\0' && key->help[strlen(key->help) - 1] == '.', "%s: %s", key->name,
		      key->help);
	ck_assert_msg(key->max == 0 || key->min <= key->max, "%s", key->name);
	ck_assert_msg(!(key->required && key->fallback), "%s is required and has a default", key->name);
	if (key->type == KEY_ENUM || key->type == KEY_WORDS)
		ck_assert_msg(key->values, "%s", key->name);
	if (has_section(key->type))
		ck_assert_msg(key->of > SECTION_TOP && key->of < SECTION_COUNT, "%s", key->name);
	if (key->fallback)
		assert_default_reads(key);
}

static void assert_key_of(const char *word, const void *context)
{
	ck_assert_msg(key_find(*(const enum section *)context, word), "%s", word);
}

START_TEST(every_key)
{
	for (enum section section = SECTION_TOP; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of(section, &n);
		ck_assert_msg(n > 0 || section == SECTION_REGION, "%s",
			      section_name(section)); /* a region is its name */
		ck_assert_uint_gt(strlen(section_name(section)), 0);
		for (size_t i = 0; i < n; i++) {
			assert_key(&keys[i]);
			ck_assert_ptr_eq(key_find(section, keys[i].name), &keys[i]); /* none twice */
			if (keys[i].beside)
				each_word(keys[i].beside, assert_key_of, &section);
		}
		ck_assert_ptr_null(key_find(section, "no-such-key"));
		ck_assert_ptr_null(key_find(section, ""));
	}
}
END_TEST

static enum section leads_to(const struct key *key)
{
	return key->type == KEY_COUNT ? SECTION_COUNT_RANGE : has_section(key->type) ? key->of : SECTION_TOP;
}

/* Each section has its reader, so that no key is out of reach. */
START_TEST(every_section_is_reached)
{
	bool reached[SECTION_COUNT] = {[SECTION_TOP] = true};
	for (enum section section = SECTION_TOP; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of(section, &n);
		for (size_t i = 0; i < n; i++)
			reached[leads_to(&keys[i])] = true;
		const struct form *forms = forms_of(section, &n);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < forms[i].n_own; k++)
				reached[leads_to(&forms[i].own[k])] = true;
	}
	for (enum section section = SECTION_TOP; section < SECTION_COUNT; section++)
		ck_assert_msg(reached[section], "%s", section_name(section));
}
END_TEST

struct in_form {
	enum section section;
	const struct form *form;
};

static bool is_known(enum section section, const struct form *form, const char *word)
{
	for (size_t i = 0; i < form->n_own; i++)
		if (strcmp(form->own[i].name, word) == 0)
			return true;
	return key_find(section, word);
}

static void assert_taken(const char *word, const void *context)
{
	const struct in_form *in = context;
	ck_assert_msg(is_known(in->section, in->form, word), "form %s: no key %s", in->form->key, word);
	ck_assert_msg(form_takes(in->form, word), "form %s needs %s and does not take it", in->form->key, word);
}

START_TEST(every_form)
{
	for (enum section section = SECTION_TOP; section < SECTION_COUNT; section++) {
		size_t n;
		const struct form *forms = forms_of(section, &n);
		for (size_t i = 0; i < n; i++) {
			struct in_form in = {section, &forms[i]};
			const char *const lists[] = {forms[i].key, forms[i].with, forms[i].needs, forms[i].one_of,
						     forms[i].some_of};
			for (size_t k = 0; k < N(lists); k++)
				if (lists[k])
					each_word(lists[k], assert_taken, &in);
			for (size_t k = 0; k < forms[i].n_own; k++) {
				assert_key(&forms[i].own[k]);
				ck_assert_msg(form_takes(&forms[i], forms[i].own[k].name),
					      "form %s does not take its own %s", forms[i].key, forms[i].own[k].name);
			}
			for (size_t k = 0; k < i; k++)
				ck_assert_str_ne(forms[i].key, forms[k].key);
		}
		/* A key that no form takes could never be used. */
		size_t n_keys;
		const struct key *keys = keys_of(section, &n_keys);
		for (size_t k = 0; n > 0 && k < n_keys; k++) {
			bool taken = false;
			for (size_t i = 0; i < n; i++)
				taken |= form_takes(&forms[i], keys[k].name);
			ck_assert_msg(taken, "no form of %s takes %s", section_name(section), keys[k].name);
		}
	}
}
END_TEST

START_TEST(words)
{
	ck_assert(words_hold("a|bc|d", "a") && words_hold("a|bc|d", "bc") && words_hold("a|bc|d", "d") &&
		  words_hold("a", "a"));
	ck_assert(!words_hold("a|bc|d", "b") && !words_hold("a|bc|d", "c") && !words_hold("a|bc|d", "a|bc") &&
		  !words_hold("a|bc|d", ""));
	ck_assert(!words_hold("abc", "ab") && !words_hold("ab", "abc") && !words_hold(NULL, "a"));
}
END_TEST

/* ---- where values lie ---- */

/* Whether a value of the form may be that of a key of the type: what holds further keys is reported separately. */
static bool form_fits(const struct key *key)
{
	enum value_form form = key->value.form;
	bool is_written = form == VALUE_AS_WRITTEN || form == VALUE_JOINED;
	switch ((int)key->type) {
	case KEY_SECTION:
		return is_written || form == VALUE_SECTION;
	case KEY_NAMED:
		return is_written || form == VALUE_NAMED || form == VALUE_SUBNETS || form == VALUE_APPS;
	case KEY_LIST:
		return is_written || form == VALUE_RULES || form == VALUE_LISTED;
	case KEY_POOLS:
		return form == VALUE_POOLS;
	case KEY_PORTS_EACH:
		return form == VALUE_PORTS_EACH;
	case KEY_SERVICE:
		return form == VALUE_SERVICE;
	case KEY_MACHINE_PORT:
		return form == VALUE_MACHINE_PORT;
	case KEY_ENUM:
		return is_written || form == VALUE_ENUM || form == VALUE_EITHER || form == VALUE_PROTO ||
		       form == VALUE_HOST_SERVICE || form == VALUE_THEN || form == VALUE_TCP_STATE ||
		       form == VALUE_INVALID || form == VALUE_FRAGMENTS || form == VALUE_ICMP;
	case KEY_WORDS:
		return is_written || form == VALUE_BITS || form == VALUE_SOME_BITS;
	case KEY_BOOL:
		return is_written || form == VALUE_BOOL || form == VALUE_TRUTH || form == VALUE_HOST_INTERNET;
	case KEY_DURATION:
		return is_written || form == VALUE_NS;
	}
	return form != VALUE_SECTION && form != VALUE_NAMED && form != VALUE_SUBNETS && form != VALUE_APPS &&
	       form != VALUE_RULES;
}

static void assert_complete(const struct key *key, const char *where)
{
	ck_assert_msg(key->value.form > VALUE_FORGOTTEN && key->value.form < VALUE_FORM_COUNT,
		      "`%s` of %s does not say where its value lies", key->name, where);
	ck_assert_msg(key->mutation > MUTATE_FORGOTTEN && key->mutation < MUTATION_COUNT,
		      "`%s` of %s does not say how it is mutated", key->name, where);
	ck_assert_msg(form_fits(key), "`%s` of %s has a value of another type", key->name, where);
	ck_assert_msg(key->mutation != MUTATE_OTHERS || key->values, "`%s` of %s has no other values", key->name,
		      where);
}

START_TEST(no_key_is_forgotten)
{
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n, n_forms;
		const struct key *keys = keys_of((enum section)section, &n);
		for (size_t i = 0; i < n; i++)
			assert_complete(&keys[i], section_name((enum section)section));
		const struct form *forms = forms_of((enum section)section, &n_forms);
		for (size_t i = 0; i < n_forms; i++)
			for (size_t k = 0; k < forms[i].n_own; k++)
				assert_complete(&forms[i].own[k], section_name((enum section)section));
	}
}
END_TEST

/* Notes the keys of all values below `node`. */
static void note(const struct resolved *node, const struct key **seen, size_t *n, size_t capacity)
{
	for (const struct resolved *child = node->first; child; child = child->next) {
		if (child->key) {
			ck_assert_uint_lt(*n, capacity);
			seen[(*n)++] = child->key;
		}
		note(child, seen, n, capacity);
	}
}

/* good/ has every key of a place in the model in one file or another; each of them comes out with its value. */
START_TEST(every_key_with_a_place_is_printed)
{
	enum { CAPACITY = 100000 };
	static const struct key *seen[CAPACITY];
	static const char *const files[] = {
		CORPUS "/good/everything.yaml", CORPUS "/good/outbound-network-addresses.yaml",
		CORPUS "/good/arrivals.yaml", CORPUS "/../cli/rich.yaml", CORPUS "/good/azure-today.yaml"};
	size_t n_seen = 0;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < N(files); i++) {
		struct diag_list diags;
		struct model *model;
		diag_init(&diags, arena);
		ck_assert_int_eq(scenario_load_file(arena, files[i], NULL, 0, &diags, &model), 0);
		ck_assert_ptr_nonnull(model);
		const struct resolved *root = values_resolve(arena, model, NULL);
		ck_assert_ptr_nonnull(root);
		note(root, seen, &n_seen, CAPACITY);
		diag_deinit(&diags);
	}
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of((enum section)section, &n);
		for (size_t i = 0; i < n; i++) {
			bool found = keys[i].value.form == VALUE_AS_WRITTEN || keys[i].value.form == VALUE_JOINED;
			for (size_t k = 0; k < n_seen && !found; k++)
				found = seen[k] == &keys[i];
			ck_assert_msg(found, "`%s` of %s stands in no file of the test", keys[i].name,
				      section_name((enum section)section));
		}
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("scenario/keys", &tc);
	tcase_add_test(tc, every_key);
	tcase_add_test(tc, every_section_is_reached);
	tcase_add_test(tc, every_form);
	tcase_add_test(tc, words);
	tcase_add_test(tc, no_key_is_forgotten);
	tcase_add_test(tc, every_key_with_a_place_is_printed);
	return suite_run(suite);
}
