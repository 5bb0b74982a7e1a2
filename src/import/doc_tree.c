/* DOC: what an import made is checked as the tree that its text would be read as: it need not be parsed for that. Only a
 * text of which that is certain is taken this way. */
#include "import/doc_tree.h"
#include "scenario/load.h"
#include <string.h>

struct grower {
	struct arena *arena;
	const char *file;
	bool failed;
};

static void grow(struct grower *grower, struct tree *parent, const struct doc *doc)
{
	static const enum tree_kind kinds[] = {
		[DOC_MAP] = TREE_MAP, [DOC_LIST] = TREE_LIST, [DOC_SCALAR] = TREE_SCALAR};
	struct place place = {grower->file, doc->line, doc->column};
	struct tree *tree = tree_add(grower->arena, parent, kinds[doc->kind], doc->key, place);
	if (!tree) {
		grower->failed = true;
		return;
	}
	if (doc->kind == DOC_SCALAR) {
		tree->text = doc->text;
		tree->quoted = !doc->plain;
		/* Behind the key; what has quotes begins within them. */
		tree->place.column += (doc->key ? (uint32_t)strlen(doc->key) + 2 : 0) + tree->quoted;
		return;
	}
	for (const struct doc *at = doc->first; at; at = at->next)
		if (!at->dropped)
			grow(grower, tree, at);
	grower->failed = grower->failed || tree_sort(grower->arena, tree) < 0;
}

struct tree *doc_tree(const struct doc *root, struct arena *arena, const char *file)
{
	struct grower grower = {.arena = arena, .file = file};
	struct tree *tree = tree_add(arena, NULL, TREE_MAP, NULL, (struct place){file, 1, 1});
	for (const struct doc *at = tree ? root->first : NULL; at; at = at->next)
		if (!at->dropped && !doc_is_empty(at))
			grow(&grower, tree, at);
	return !tree || grower.failed || tree_sort(arena, tree) < 0 ? NULL : tree;
}
