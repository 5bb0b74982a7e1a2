/* DOC: from file to model. Read, build the tree, join what it includes, replace variables, apply what the command line
 * sets, decode section after section (each
 * may refer to those before it), and draw the excerpts of what was wrong. */
#include "scenario/load.h"
#include "base/file.h"
#include "model/elements.h"
#include "scenario/decode.h"
#include "scenario/delegated.h"
#include "scenario/include.h"
#include "scenario/kinds.h"
#include "scenario/override.h"
#include "scenario/vars.h"
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

static bool has_unknown_key(const struct tree *root)
{
	for (const struct tree *child = root->first; child; child = child->next)
		if (!key_find(SECTION_TOP, child->key))
			return true;
	return false;
}

static int decode(struct decoder *d, const struct tree *root)
{
	d->root = root;
	if (tree_is_null(root)) {
		diag_error(d->diags, (struct place){d->file, 1, 1}, "begin with `scenario: 1`", "the file is empty");
		return 0;
	}
	if (is_foreign(d, root))
		return d->error;
	if (root->kind != TREE_MAP) {
		diag_error(d->diags, root->place, "begin with `scenario: 1`", "a scenario is a map of keys");
		return 0;
	}
	decode_sources(d);
	decode_top(d);
	if (!tree_get(root, "network") && has_unknown_key(root))
		return d->error; /* the network may stand below that key: whatever names a part of it would be wrong */
	decode_network(d);
	decode_nat(d, NULL, PLACE_NONE, NAT_PROFILE_AZURE, &d->model->lent_nat);
	d->model->lent_nat.ports_per_worker = NAT_PORTS_SHARED;
	decode_ases(d, tree_get(root, "timeline"));
	decode_sites(d);
	check_transit(d);
	decode_hosts(d);
	decode_balancers(d);
	check_name_space(d);
	resolve_kinds(d);
	check_generations(d);
	check_integration(d);
	resolve_service_endpoints(d);
	resolve_needs(d);
	decode_addresses(d);
	resolve_nat_hosts(d);
	finish_kinds(d->model);
	decode_routes(d);
	check_outbound(d);
	resolve_asgs(d);
	check_dns_names(d);
	if (elements_register(d->arena, d->model) < 0)
		return -ENOMEM;
	decode_flows(d);
	decode_timeline(d);
	decode_taps(d);
	decode_expects(d);
	check_asgs(d);
	warn_unattached(d);
	warn_default_routes(d);
	warn_kinds(d);
	return d->error;
}

/* Variables first, since the path of another override may lead through the value of one; then those, which may name
 * variables in turn. */
static int set_values(struct arena *arena, const struct scenario_input *input, struct tree *root,
		      struct diag_list *diags, bool *ret_whole)
{
	int r = 0;
	bool again = false;
	for (size_t i = 0; r == 0 && i < input->n_overrides; i++)
		if (override_variable(&input->overrides[i]))
			r = override_apply(arena, root, &input->overrides[i], diags);
	*ret_whole = false;
	r = r == 0 ? vars_replace(arena, root, diags, ret_whole) : r;
	for (size_t i = 0; r == 0 && *ret_whole && i < input->n_overrides; i++)
		if (!override_variable(&input->overrides[i])) {
			again = again || (input->overrides[i].value && strstr(input->overrides[i].value, "${"));
			r = override_apply(arena, root, &input->overrides[i], diags);
		}
	return r == 0 && again && *ret_whole ? vars_replace(arena, root, diags, ret_whole) : r;
}

/* The file with all that it includes and what was set, as one tree; *ret_whole: it can be decoded. */
static int read_tree(struct includer *includer, struct tree **ret, bool *ret_whole)
{
	const struct scenario_input *input = includer->input;
	const struct source *source = &input->source;
	*ret = NULL;
	*ret_whole = true;
	int r = include_begin(includer, source);
	if (r == 0)
		r = tree_read(includer->arena, source->file, source->text, source->text_bytes, includer->diags, ret);
	if (r < 0 || !*ret)
		return r;
	size_t n_errors = includer->diags->n_errors;
	r = include_join(includer, *ret);
	if (r == 0 && includer->diags->n_errors == n_errors)
		return set_values(includer->arena, input, *ret, includer->diags, ret_whole);
	*ret_whole = false; /* a part of it is missing: what refers to that is no mistake of its own */
	return r;
}

static int name_files(struct arena *arena, const struct includer *includer, struct model *model)
{
	const char **files = arena_array(arena, includer->n, sizeof *files);
	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < includer->n; i++)
		files[i] = includer->sources[i].file;
	model->files = files;
	model->n_files = includer->n;
	return 0;
}

int scenario_read(struct arena *arena, const struct scenario_input *input, struct diag_list *diags,
		  struct scenario_read *ret)
{
	const char *file = input->source.file;
	struct includer includer = {.arena = arena, .diags = diags, .input = input};
	struct tree *root = NULL;
	bool whole = false;
	*ret = (struct scenario_read){0};
	struct model *model = arena_alloc(arena, sizeof *model);
	const char *name = stem(arena, file);
	if (!model || !name)
		return -ENOMEM;
	*model = (struct model){.file = file, .name = name, .seed = 1};
	int r = read_tree(&includer, &root, &whole);
	if (r == 0)
		r = name_files(arena, &includer, model);
	if (r == 0 && whole && (root || diags->n_errors == 0)) {
		struct decoder decoder = {.arena = arena, .diags = diags, .model = model, .file = file};
		r = decode(&decoder, root);
	}
	diag_add_excerpts(diags, includer.sources, includer.n);
	if (r == 0 && diags->failed)
		r = -ENOMEM;
	if (r < 0)
		return r;
	ret->model = root ? model : NULL;
	ret->tree = root;
	ret->sources = includer.sources;
	ret->n_sources = includer.n;
	return 0;
}

int scenario_check_tree(struct arena *arena, const char *file, const struct tree *root, struct diag_list *diags)
{
	struct model *model = arena_alloc(arena, sizeof *model);
	const char *name = stem(arena, file);
	if (!model || !name)
		return -ENOMEM;
	*model = (struct model){.file = file, .name = name, .seed = 1};
	struct decoder decoder = {.arena = arena, .diags = diags, .model = model, .file = file};
	int r = decode(&decoder, root);
	diag_add_excerpts(diags, &(struct source){file, "", 0}, 1);
	return r == 0 && diags->failed ? -ENOMEM : r;
}

/* The whole file, at most one byte more than a scenario may have (which the reader then refuses). */
int scenario_slurp(struct arena *arena, const char *file, char **ret, size_t *ret_bytes)
{
	int fd = file_open(file);
	if (fd < 0)
		return fd;
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
		ssize_t got = file_read(fd, text + n, capacity - n);
		if (got < 0)
			r = (int)got;
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
	struct scenario_read read;
	struct scenario_input input = {
		.source = {file, text, text_bytes}, .overrides = overrides, .n_overrides = n_overrides};
	int r = scenario_read(arena, &input, diags, &read);
	*ret = diags->n_errors > 0 ? NULL : read.model;
	return r;
}

int scenario_load_file(struct arena *arena, const char *file, const struct scenario_override *overrides,
		       size_t n_overrides, struct diag_list *diags, struct model **ret)
{
	char *text;
	size_t text_bytes = 0;
	*ret = NULL;
	const char *name = arena_strdup(arena, file);
	if (!name)
		return -ENOMEM;
	int r = scenario_slurp(arena, file, &text, &text_bytes);
	return r < 0 ? r : scenario_load_text(arena, name, text, text_bytes, overrides, n_overrides, diags, ret);
}
