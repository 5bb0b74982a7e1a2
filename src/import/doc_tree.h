/* The tree of a scenario that an import made. */
#ifndef PKTPATH_IMPORT_DOC_TREE_H
#define PKTPATH_IMPORT_DOC_TREE_H
#include "base/arena.h"
#include "import/doc.h"

/* What tree_read() gives of the text that doc_print() made of `root`, where that is ASCII and no key stands twice in one
 * map. Texts are those of `root`. NULL where memory is short. */
struct tree *doc_tree(const struct doc *root, struct arena *arena, const char *file);
#endif
