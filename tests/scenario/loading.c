/* A scenario loaded for a test, with all that was said of it. */
#include "loading.h"
#include <check.h>
#include <string.h>

void loading_text_set(struct loading *loading, const char *text, const struct scenario_override *overrides, size_t n)
{
	*loading = (struct loading){.arena = arena_new()};
	ck_assert_ptr_nonnull(loading->arena);
	diag_init(&loading->diags, loading->arena);
	int r = scenario_load_text(loading->arena, "t.yaml", text, strlen(text), overrides, n, &loading->diags,
				   &loading->model);
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq(!loading->model, loading->diags.n_errors > 0);
}

void loading_text(struct loading *loading, const char *text)
{
	loading_text_set(loading, text, NULL, 0);
}

void loading_end(struct loading *loading)
{
	diag_deinit(&loading->diags);
	loading->arena = arena_free(loading->arena);
}

const struct diag *loading_error(const struct loading *loading)
{
	for (size_t i = 1; i < loading->diags.n; i++)
		ck_abort_msg("%u:%u: %s", loading->diags.items[i].place.line, loading->diags.items[i].place.column,
			     loading->diags.items[i].message);
	ck_assert_uint_eq(loading->diags.n_errors, 1);
	return &loading->diags.items[0];
}
