/* DOC: from file to model. Read, build the tree, apply what the command line sets, decode section after section (each
 * may refer to those before it), and draw the excerpts of what was wrong. */
#include "scenario/load.h"
#include "scenario/decode.h"
#include "scenario/override.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file's stem: "dir/outbound.yaml" is "outbound". */
static const char *stem(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *name = arena_strdup(arena, slash ? slash + 1 : file);
	char *dot = name ? strrchr(name, '.') : NULL;
	if (dot && dot != name)
		*dot = '\0';
	return name;
}

static int decode(struct decoder *d, const struct tree *root)
{
	d->root = root;
	if (tree_is_null(root)) {
		diag_error(d->diags, (struct place){d->file, 1, 1}, "begin with `scenario: 1`", "the file is empty");
		return 0;
	}
	if (root->kind != TREE_MAP) {
		diag_error(d->diags, root->place, "begin with `scenario: 1`", "a scenario is a map of keys");
		return 0;
	}
	decode_top(d);
	decode_network(d);
	decode_nat(d, NULL, PLACE_NONE, NAT_OF_ENVIRONMENT, &d->model->default_snat);
	decode_ases(d, tree_get(root, "timeline"));
	decode_sites(d);
	decode_hosts(d);
	resolve_needs(d);
	decode_routes(d);
	decode_addresses(d);
	check_dns_names(d);
	decode_flows(d);
	decode_timeline(d);
	decode_taps(d);
	decode_expects(d);
	warn_unattached(d);
	warn_default_routes(d);
	return d->error;
}

int scenario_read_text(struct arena *arena, const char *file, const char *text, size_t text_bytes,
		       const struct scenario_override *overrides, size_t n_overrides, struct diag_list *diags,
		       struct model **ret, struct tree **ret_tree)
{
	*ret = NULL;
	*ret_tree = NULL;
	struct tree *root;
	struct model *model = arena_alloc(arena, sizeof *model);
	const char *name = stem(arena, file);
	if (!model || !name)
		return -ENOMEM;
	*model = (struct model){.file = file, .name = name, .seed = 1};
	int r = tree_read(arena, file, text, text_bytes, diags, &root);
	for (size_t i = 0; r == 0 && root && i < n_overrides; i++)
		r = override_apply(arena, root, &overrides[i], diags);
	if (r == 0 && (root || diags->n_errors == 0)) {
		struct decoder decoder = {.arena = arena, .diags = diags, .model = model, .file = file};
		r = decode(&decoder, root);
	}
	diag_add_excerpts(diags, file, text, text_bytes);
	if (r == 0 && diags->failed)
		r = -ENOMEM;
	if (r == 0 && root) {
		*ret = model;
		*ret_tree = root;
	}
	return r;
}

/* The whole file, at most one byte more than a scenario may have (which the reader then refuses). */
int scenario_slurp(struct arena *arena, const char *file, char **ret, size_t *ret_bytes)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size_t capacity = 65536, n = 0;
	char *text = malloc(capacity);
	int r = text ? 0 : -ENOMEM;
	while (r == 0 && n <= SCENARIO_MAX_BYTES) {
		if (n == capacity) {
			char *grown = realloc(text, capacity * 2);
			if (!grown) {
				r = -ENOMEM;
				break;
			}
			text = grown;
			capacity *= 2;
		}
		ssize_t got = read(fd, text + n, capacity - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			r = -errno;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	(void)close(fd);
	*ret = r == 0 ? arena_strndup(arena, text, n) : NULL;
	*ret_bytes = n;
	free(text);
	return r == 0 && !*ret ? -ENOMEM : r;
}

int scenario_load_text(struct arena *arena, const char *file, const char *text, size_t text_bytes,
		       const struct scenario_override *overrides, size_t n_overrides, struct diag_list *diags,
		       struct model **ret)
{
	struct tree *tree;
	int r = scenario_read_text(arena, file, text, text_bytes, overrides, n_overrides, diags, ret, &tree);
	if (diags->n_errors > 0)
		*ret = NULL;
	return r;
}

int scenario_read_file(struct arena *arena, const char *file, const struct scenario_override *overrides,
		       size_t n_overrides, struct diag_list *diags, struct model **ret, struct tree **ret_tree)
{
	char *text;
	size_t text_bytes = 0;
	*ret = NULL;
	*ret_tree = NULL;
	const char *name = arena_strdup(arena, file);
	if (!name)
		return -ENOMEM;
	int r = scenario_slurp(arena, file, &text, &text_bytes);
	return r < 0 ? r
		     : scenario_read_text(arena, name, text, text_bytes, overrides, n_overrides, diags, ret, ret_tree);
}

int scenario_load_file(struct arena *arena, const char *file, const struct scenario_override *overrides,
		       size_t n_overrides, struct diag_list *diags, struct model **ret)
{
	struct tree *tree;
	int r = scenario_read_file(arena, file, overrides, n_overrides, diags, ret, &tree);
	if (diags->n_errors > 0)
		*ret = NULL;
	return r;
}
