/* The tree of what an import made: the one that its text is read as. */
#include "base/arena.h"
#include "import/doc_tree.h"
#include "scenario/tree.h"
#include "suite.h"
#include <string.h>

static void same(const struct tree *a, const struct tree *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_uint_eq(a->n, b->n);
	ck_assert_int_eq(!a->key, !b->key);
	if (a->key)
		ck_assert_str_eq(a->key, b->key);
	ck_assert_int_eq(tree_is_null(a), tree_is_null(b));
	if (a->kind == TREE_SCALAR) {
		ck_assert_str_eq(a->text, b->text);
		ck_assert_int_eq(a->quoted, b->quoted);
	}
	if (a->parent) {
		ck_assert_uint_eq(a->place.line, b->place.line);
		ck_assert_uint_eq(a->place.column, b->place.column);
	}
	const struct tree *y = b->first;
	for (const struct tree *x = a->first; x; x = x->next, y = y->next) {
		if (a->kind == TREE_MAP)
			ck_assert_ptr_eq(tree_get(a, x->key), x);
		same(x, y);
	}
}

/* Two subnets, many hosts of which one is dropped, and a flow. */
static struct doc *make(struct store *store)
{
	static const char *const texts[] = {"true", "null", "~", "", "10-20", "1.5", "a: b # c", "\"quoted\"", "-x"};
	struct doc *root = doc_root(store);
	doc_scalar(store, root, "scenario", "1");
	struct doc *network = doc_map(store, root, "network", false);
	network->lead = "\n# a comment\n";
	struct doc *vnet = doc_map(store, doc_map(store, network, "vnets", false), "captured", false);
	vnet->comment = "ASSUMED: a comment";
	struct doc *space = doc_list(store, vnet, "space", true);
	doc_scalar(store, space, NULL, "10.0.0.0/24");
	doc_scalar(store, space, NULL, "10.0.1.0/24");
	doc_map(store, vnet, "empty", false);
	struct doc *hosts = doc_map(store, network, "hosts", false);
	for (size_t i = 0; i < 30; i++) {
		struct doc *host = doc_map(store, hosts, store_printf(store, "host-%zu", 30 - i), true);
		host->what = host->key;
		doc_scalar(store, host, "about", texts[i % N(texts)]);
		doc_scalar(store, host, "ip", store_printf(store, "10.0.0.%zu", i));
		host->dropped = i == 7;
	}
	doc_map(store, network, "sites", false)->dropped = true;
	doc_map(store, root, "flows", false);
	return root;
}

START_TEST(tree_is_that_of_the_text)
{
	struct store store = {.arena = arena_new()};
	struct diag_list diags;
	struct buf out = {0};
	struct tree *read = NULL;
	diag_init(&diags, store.arena);
	struct doc *root = make(&store);
	buf_puts(&out, "# head\n");
	doc_print(root, &out);
	const char *text = buf_text(&out);
	ck_assert_int_eq(tree_read(store.arena, "import.yaml", text, strlen(text), &diags, &read), 0);
	ck_assert_uint_eq(diags.n, 0);
	const struct tree *made = doc_tree(root, store.arena, "import.yaml");
	ck_assert_ptr_nonnull(read);
	ck_assert_ptr_nonnull(made);
	same(read, made);
	diag_deinit(&diags);
	buf_free(&out);
	arena_free(store.arena);
}
END_TEST

/* By its place, in any order. */
START_TEST(each_is_found_by_its_place)
{
	struct store store = {.arena = arena_new()};
	struct buf out = {0};
	struct doc *root = make(&store);
	doc_print(root, &out);
	const struct tree *made = doc_tree(root, store.arena, "import.yaml");
	const struct tree *hosts = tree_get(tree_get(made, "network"), "hosts");
	static const char *const order[] = {"host-30", "host-2", "host-1", "host-29", "host-12", "host-12", "host-30"};
	for (size_t i = 0; i < N(order); i++) {
		const struct tree *ip = tree_get(tree_get(hosts, order[i]), "ip");
		const struct doc *found = doc_at(root, ip->place.line, ip->place.column);
		ck_assert_ptr_nonnull(found);
		ck_assert_str_eq(found->what, order[i]);
	}
	ck_assert_ptr_null(tree_get(hosts, "host-23"));
	buf_free(&out);
	arena_free(store.arena);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("doc_tree", &tcase);
	tcase_add_test(tcase, tree_is_that_of_the_text);
	tcase_add_test(tcase, each_is_found_by_its_place);
	return suite_run(suite);
}
