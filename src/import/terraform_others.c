/* Resources of other providers in a state or a plan: those of other clouds are named, as networks reach beyond Azure; those
 * of helpers (random names, files, identities) are no part of any network. */
#include "base/buf.h"
#include "import/terraform.h"
#include <string.h>

bool tf_is_azures(const char *type)
{
	return text_begins(type, "azurerm_") || text_begins(type, "azapi_");
}

/* "aws" of "aws_vpc". */
static size_t provider_bytes(const char *type)
{
	return strcspn(type, "_");
}

static bool is_helper(const char *type, size_t n)
{
	static const char *const helpers[] = {"random", "null",      "time",    "local",    "tls",     "template",
					      "http",   "terraform", "archive", "external", "azuread", "modtm"};
	for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++)
		if (strlen(helpers[i]) == n && strncmp(helpers[i], type, n) == 0)
			return true;
	return false;
}

void tf_count_other(struct tf *tf, const char *type, const struct js *at)
{
	size_t n = provider_bytes(type);
	tf->n_strange++;
	if (is_helper(type, n))
		return;
	for (size_t i = 0; i < tf->n_providers; i++)
		if (strlen(tf->providers[i].name) == n && strncmp(tf->providers[i].name, type, n) == 0) {
			tf->providers[i].n_resources++;
			return;
		}
	if (tf->n_providers < TERRAFORM_MAX_PROVIDERS)
		tf->providers[tf->n_providers++] = (struct tf_provider){store_text(tf->store, type, n), at, 1};
}

void tf_note_others(struct tf *tf)
{
	for (size_t i = 0; i < tf->n_providers; i++) {
		const struct tf_provider *at = &tf->providers[i];
		note(tf->import, SEVERITY_MAY, at->first, "%zu resource%s of the provider %s", at->n_resources,
		     at->n_resources == 1 ? "" : "s", at->name);
	}
}

void tf_complain_of_others(struct tf *tf)
{
	struct buf names = {0};
	for (size_t i = 0; i < tf->n_providers; i++)
		buf_printf(&names, "%s%s (%zu)", i ? ", " : "", tf->providers[i].name, tf->providers[i].n_resources);
	tf->import->store.failed = tf->import->store.failed || buf_failed(&names);
	const char *of = tf->n_providers == 0 ? "" : store_printf(tf->store, ", but of %s", buf_text(&names));
	if (tf->n_strange == 1)
		diag_error(&tf->import->diags, js_place(tf->input->root),
			   "resources of the providers azurerm and azapi are read",
			   "the only resource is not Azure's%s", of);
	else
		diag_error(&tf->import->diags, js_place(tf->input->root),
			   "resources of the providers azurerm and azapi are read",
			   "none of the %zu resources is Azure's%s", tf->n_strange, of);
	buf_free(&names);
}
