/* The tree: shape, places, guards. Errors and their places are in bad/yaml-*.yaml. */
#include "base/buf.h"
#include "scenario/load.h"
#include "scenario/tree.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct diag_list diags;

static void setup(void)
{
	arena = arena_new();
	ck_assert_ptr_nonnull(arena);
	diag_init(&diags, arena);
}

static void teardown(void)
{
	diag_deinit(&diags);
	arena = arena_free(arena);
}

static struct tree *read_bytes(const char *text, size_t n)
{
	struct tree *tree;
	ck_assert_int_eq(tree_read(arena, "t.yaml", text, n, &diags, &tree), 0);
	return tree;
}

static struct tree *read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void assert_place(const struct place *place, unsigned line, unsigned column)
{
	ck_assert_str_eq(place->file, "t.yaml");
	ck_assert_uint_eq(place->line, line);
	ck_assert_uint_eq(place->column, column);
}

START_TEST(test_shape)
{
	struct tree *root = read_text("a: 1\nb:\n  - x\n  - {c: \"2\", d: }\n");
	ck_assert_int_eq(root->kind, TREE_MAP);
	ck_assert_uint_eq(root->n, 2);
	const struct tree *a = tree_get(root, "a"), *b = tree_get(root, "b");
	ck_assert_str_eq(a->text, "1");
	ck_assert(!a->quoted && a->parent == root);
	ck_assert_int_eq(b->kind, TREE_LIST);
	ck_assert_uint_eq(b->n, 2);
	ck_assert_str_eq(b->first->text, "x");
	ck_assert_ptr_null(b->first->key);
	const struct tree *map = b->last;
	ck_assert_str_eq(tree_get(map, "c")->text, "2");
	ck_assert(tree_get(map, "c")->quoted);
	ck_assert(tree_is_null(tree_get(map, "d")));
	ck_assert_ptr_null(tree_get(map, "e"));
	ck_assert_ptr_null(tree_get(a, "e"));
	ck_assert_ptr_null(tree_get(NULL, "e"));
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

START_TEST(test_places)
{
	const struct tree *root = read_text(
		"# comment\nfirst: one\nmap:\n  key: {inner:   v}\nlist:\n  - {x: 1}\n  - - y\n\"été\":\tz\n");
	assert_place(&tree_get(root, "first")->key_place, 2, 1);
	assert_place(&tree_get(root, "first")->place, 2, 8);
	const struct tree *key = tree_get(tree_get(root, "map"), "key");
	assert_place(&tree_get(root, "map")->place, 3, 1); /* of a map its key */
	assert_place(&key->place, 4, 3);
	assert_place(&key->first->place, 4, 18);
	const struct tree *list = tree_get(root, "list");
	assert_place(&list->place, 5, 1);
	assert_place(&list->first->place, 6, 6);               /* in a list its first key */
	assert_place(&tree_get(root, "été")->key_place, 8, 2); /* a quoted text begins behind its quote */
	assert_place(&tree_get(root, "été")->place, 8, 8);     /* columns are characters, a tab is one */
}
END_TEST

START_TEST(test_null)
{
	const struct tree *root = read_text("a:\nb: ~\nc: null\nd: \"\"\ne: \"~\"\nf: {}\ng: []\nh: 0\n");
	ck_assert(tree_is_null(tree_get(root, "a")) && tree_is_null(tree_get(root, "b")) &&
		  tree_is_null(tree_get(root, "c")));
	ck_assert(!tree_is_null(tree_get(root, "d")) && !tree_is_null(tree_get(root, "e")) &&
		  !tree_is_null(tree_get(root, "f")));
	ck_assert(!tree_is_null(tree_get(root, "g")) && !tree_is_null(tree_get(root, "h")));
	ck_assert(tree_is_null(NULL));
}
END_TEST

START_TEST(test_empty)
{
	ck_assert_ptr_null(read_text(""));
	ck_assert_ptr_null(read_text("# a comment\n"));
	ck_assert_ptr_null(read_bytes("x", 0));
	ck_assert_uint_eq(diags.n, 0); /* who reads it says what is missing */
}
END_TEST

/* Maps beyond a few keys are looked up by halves; a key given twice counts where it stands first. */
START_TEST(test_large_map)
{
	struct buf text = {0};
	char key[16];
	for (unsigned i = 0; i < 1000; i++)
		buf_printf(&text, "k%u: %u\n", i * 7919 % 1000, i);
	buf_puts(&text, "k500: again\n");
	const struct tree *root = read_text(buf_text(&text));
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(diags.n_errors, 1);
	assert_place(&diags.items[0].place, 1001, 1);
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof key, "k%u", i * 7919 % 1000);
		const struct tree *found = tree_get(root, key);
		ck_assert_ptr_nonnull(found);
		ck_assert_uint_eq(found->place.line, i + 1);
	}
	ck_assert_ptr_null(tree_get(root, "k"));
	ck_assert_ptr_null(tree_get(root, "k1000"));
	ck_assert_ptr_null(tree_get(root, "z"));
	buf_free(&text);
}
END_TEST

START_TEST(test_add_and_sort)
{
	struct tree *root = read_text("{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10}");
	ck_assert_ptr_nonnull(root->sorted);
	ck_assert_ptr_nonnull(tree_add(arena, root, TREE_SCALAR, "aa", root->place));
	ck_assert_ptr_nonnull(tree_get(root, "aa"));
	ck_assert_int_eq(tree_sort(arena, root), 0);
	ck_assert_ptr_nonnull(tree_get(root, "aa"));
	ck_assert_str_eq(tree_get(root, "j")->text, "10");
}
END_TEST

START_TEST(test_depth)
{
	char text[200];
	for (unsigned depth = SCENARIO_MAX_DEPTH; depth <= SCENARIO_MAX_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = '\0';
		struct tree *tree = read_text(text);
		ck_assert_int_eq(tree ? 1 : 0, depth <= SCENARIO_MAX_DEPTH);
		ck_assert_uint_eq(diags.n_errors, depth <= SCENARIO_MAX_DEPTH ? 0 : 1);
	}
}
END_TEST

START_TEST(test_size)
{
	size_t n = SCENARIO_MAX_BYTES + 1;
	char *text = arena_alloc(arena, n);
	ck_assert_ptr_nonnull(text);
	memset(text, '#', n);
	ck_assert_ptr_null(read_bytes(text, n));
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.items[0].message, "the file is larger than 16 MiB");
	ck_assert_ptr_null(read_bytes(text, n - 1)); /* one comment */
	ck_assert_uint_eq(diags.n_errors, 1);
}
END_TEST

/* Every byte that may follow a sound text: it is refused, or it parses; libfyaml never sees what is not UTF-8. */
START_TEST(test_bytes)
{
	static const struct {
		const char *bytes;
		bool sound;
	} cases[] = {
		{"\x7e", true},
		{"\x80", false},
		{"\xc2\xa9", true},
		{"\xc0\x80", false},
		{"\xc1\xbf", false},
		{"\xdf\xbf", true},
		{"\xe0\xa0\x80", true},
		{"\xe0\x9f\xbf", false},
		{"\xed\x9f\xbf", true},
		{"\xed\xa0\x80", false},
		{"\xef\xbf\xbd", true},
		{"\xf0\x90\x80\x80", true},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xf4\x8f\xbf\xbd", true},
		{"\xf4\x90\x80\x80", false},
		{"\xf5\x80\x80\x80", false},
		{"\xe2\x82", false},
		{"\xff", false},
	};
	char text[32];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t before = diags.n_errors;
		(void)snprintf(text, sizeof text, "a: \"%s\"\n", cases[i].bytes);
		struct tree *tree = read_text(text);
		ck_assert_msg(!!tree == cases[i].sound && (diags.n_errors == before) == cases[i].sound, "case %zu", i);
	}
	ck_assert_ptr_null(read_bytes("a: b\0c", 6));
	ck_assert_ptr_null(read_text("a: \"b\\x00c\""));
	ck_assert_ptr_null(read_text("a: \"b\\x1bc\""));
	ck_assert_ptr_null(read_text("a: \"b\\u009bc\""));
	ck_assert_ptr_nonnull(read_text("a: \"b\\n\\tc\""));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario/tree");
	TCase *c = tcase_create("tree");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_shape);
	tcase_add_test(c, test_places);
	tcase_add_test(c, test_null);
	tcase_add_test(c, test_empty);
	tcase_add_test(c, test_large_map);
	tcase_add_test(c, test_add_and_sort);
	tcase_add_test(c, test_depth);
	tcase_add_test(c, test_size);
	tcase_add_test(c, test_bytes);
	suite_add_tcase(s, c);
	return suite_run(s);
}
