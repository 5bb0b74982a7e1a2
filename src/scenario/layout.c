/* DOC: a file in the house style, and the proof that it says the same: what was laid out is parsed again, event by event
 * beside the file itself, and is no answer where the two differ. */
#include "scenario/layout.h"
#include <errno.h>

int scenario_format(struct arena *arena, const struct source *source, struct diag_list *diags, struct source *ret)
{
	struct layout *layout;
	struct buf out = {0};
	*ret = (struct source){.file = source->file};
	int r = layout_read(arena, source, diags, &layout);
	r = r == 0 ? layout_print(arena, layout, &out) : r;
	if (r == 0) {
		ret->text = arena_strndup(arena, buf_text(&out), out.size_bytes);
		ret->text_bytes = out.size_bytes;
		r = ret->text ? 0 : -ENOMEM;
	}
	buf_free(&out);
	r = r == 0 ? layout_same(source, ret) : r;
	if (r > 0 && diags->n_errors == 0)
		diag_error(diags, (struct place){source->file, 1, 1}, "write it in a plainer way",
			   "the layout of this file cannot be changed without changing what it says");
	diag_add_excerpts(diags, source, 1);
	return diags->failed ? -ENOMEM : r;
}
