/* From a scenario file to a model. Errors of the user go to the list, all of them in one run. */
#ifndef PKTPATH_SCENARIO_LOAD_H
#define PKTPATH_SCENARIO_LOAD_H
#include "base/arena.h"
#include "base/diag.h"
#include "model/model.h"
#include "scenario/tree.h"

#define SCENARIO_MAX_BYTES (16u * 1024u * 1024u)
#define SCENARIO_MAX_DEPTH 64u

struct scenario_override { /* --set PATH=VALUE */
	const char *
		path; /* "network.ases.ase-one.workers", list items by number: "flows.a.repeat.count", "expect.0.src" */
	const char *value; /* YAML; NULL takes the item away, of a list or a map */
};

/* Reads, checks and resolves. 0: *ret is the model (in `arena`), or NULL where diags holds errors. Negative: -ENOMEM,
 * or -errno of reading the file. `file` is shown in messages as it is given. */
int scenario_load_file(struct arena *arena, const char *file, const struct scenario_override *overrides,
		       size_t n_overrides, struct diag_list *diags, struct model **ret);
/* The same from memory. */
int scenario_load_text(struct arena *arena, const char *file, const char *text, size_t text_bytes,
		       const struct scenario_override *overrides, size_t n_overrides, struct diag_list *diags,
		       struct model **ret);
/* A scenario to read, and what came out. */
struct scenario_input {
	struct source source; /* `file` is shown in messages as it is given; all of it lives as long as the arena */
	const struct scenario_override *overrides;
	size_t n_overrides;
	/* Where the files that it includes are taken from: stored texts alone, or, where `stored` is NULL, the disk. */
	const struct source *stored;
	size_t n_stored;
};
/* What scenario_load_text() says of the text that `root` would be read from; nothing is included. 0 or -ENOMEM. */
int scenario_check_tree(struct arena *arena, const char *file, const struct tree *root, struct diag_list *diags);
struct scenario_read {
	struct model *model; /* even where diags holds errors, with what could be read: not to be run then */
	struct tree *tree;   /* the file as a tree, with what it includes, variables and overrides; NULL: no YAML */
	const struct source *sources; /* its text, then those that it includes */
	size_t n_sources;
};
/* 0 or -ENOMEM. */
int scenario_read(struct arena *arena, const struct scenario_input *input, struct diag_list *diags,
		  struct scenario_read *ret);
/* The text of a file, in `arena`, at most one byte more than a scenario may have. 0, -ENOMEM, or -errno of reading
 * it. */
int scenario_slurp(struct arena *arena, const char *file, char **ret, size_t *ret_bytes);
/* "HOST:PORT/PROTO" etc., as flows have it; false with a diagnostic. */
bool scenario_parse_from(const struct model *model, const char *text, struct diag_list *diags, struct endpoint *ret);
bool scenario_parse_to(const struct model *model, const char *text, struct diag_list *diags, struct endpoint *ret,
		       uint16_t *ret_port, uint8_t *ret_proto);
/* Whose resolver is asked: that of a machine, a VNet or a site; its network, its site, or NONE for both on the
 * Internet. False where the name is none of these; *ret_hint: the way out. */
bool scenario_find_asker(const struct model *model, struct arena *arena, const char *name, uint32_t *ret_vnet,
			 uint32_t *ret_site, const char **ret_hint);
/* Fills in a flow of one connection as if the file had `{from: FROM, to: TO}`; its name and time are the caller's to
 * give. 0; 1 with diagnostics of no place; -ENOMEM. */
int scenario_make_call(struct arena *arena, struct model *model, const char *from, const char *to,
		       struct diag_list *diags, struct flow_config *flow);
#endif
