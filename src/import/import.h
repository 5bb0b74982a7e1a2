/* An import under way: its inputs, the resources that they describe, what was assumed, and what the scenario could not
 * say. Sources (live.c, arm*.c, terraform*.c) turn inputs into resources; map*.c turns resources into a scenario. Between
 * the two stands this header, and nothing else: a resource is Azure's, in the shape of Azure's REST answers, whatever it
 * was read from. */
#ifndef PKTPATH_IMPORT_IMPORT_H
#define PKTPATH_IMPORT_IMPORT_H
#include "base/diag.h"
#include "base/names.h"
#include "import/js.h"
#include "import/store.h"
#include "net/prefix.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an input is, by its content. */
enum input_kind {
	INPUT_NOTHING, /* not recognised: a diagnostic says so */
	INPUT_LIVE,
	INPUT_TEMPLATE,
	INPUT_PARAMETERS,
	INPUT_STATE, /* Terraform's state file */
	INPUT_SHOWN, /* `terraform show -json`, of a state or a plan */
	INPUT_FLOW_LOG,
	INPUT_CAPTURE, /* it has no document */
	INPUT_KIND_COUNT
};

struct input {
	const char *name; /* as it was given */
	const char *base; /* without folders */
	struct js *root;
	enum input_kind kind;
	bool parameters_for_all; /* given by --parameters */
	bool linked;             /* a template that another input links to: not deployed by itself */
};

struct resource {
	const char *type;    /* "Microsoft.Network/virtualNetworks/subnets" */
	const char *name;    /* "hub/apps" */
	const char *id;      /* whole, letters as they came */
	const char *key;     /* the id in small letters */
	const char *tail;    /* in `key`, what follows the last "/providers/" */
	const char *label;   /* its last name */
	const char *given;   /* its name in the scenario; NULL: it has none (yet) */
	const char *address; /* of a public address, as the scenario has it; NULL: nothing has asked */
	struct js *body;     /* properties within `properties` or beside it */
	const struct input *input;
	bool looked_up; /* a data source: what another input says of it holds */
	bool existing;  /* referred to as being there already: nothing is known of it */
	bool network;   /* of a type whose properties are accounted for */
	bool mapped;
	size_t order;
	struct resource *first_child, *last_child, *sibling; /* once all are linked */
};

enum severity {
	SEVERITY_CHANGES, /* `!`: answers differ */
	SEVERITY_MAY,     /* `?`: they may */
	SEVERITY_COUNT
};

/* What the scenario does not say. */
struct note {
	enum severity severity;
	const struct js *at; /* where in an input; NULL: nowhere */
	const char *what;    /* "hub/apps: service endpoints Microsoft.Sql" */
};

struct assumed {
	const struct js *at;
	const char *what;   /* "shop: vip 203.0.113.11" */
	const char *option; /* "--address shop=IP"; NULL */
};

struct setting { /* --param, --address */
	const char *name, *value;
	bool used;
};

#define NAME_SEVERAL UINT32_MAX

struct import {
	struct arena *arena;
	struct store store;
	struct diag_list diags;
	struct input *inputs;
	size_t n_inputs;
	struct setting *params, *addresses;
	size_t n_params, n_addresses;
	bool no_flows;
	struct resource **resources;
	size_t n_resources;
	struct names by_key, by_tail; /* of a tail that several have: the number NAME_SEVERAL */
	struct note *notes;
	size_t n_notes;
	struct assumed *assumed;
	size_t n_assumed;
	struct doc *doc; /* the scenario */
	size_t n_unknown_needed;
	struct prefix *inside;
	size_t n_inside;
	struct seen *seen; /* NULL: the inputs are no captures and no flow logs */
	const char *text;  /* the scenario as it is printed; NULL */
	size_t text_bytes;
};

/* ---- sources ---- */

void recognise(struct import *import, struct input *input);
void live_read(struct import *import, struct input *input);
void arm_read_all(struct import *import);
void terraform_read(struct import *import, struct input *input);

/* ---- facts ---- */

/* Adds a resource; one with the same id is replaced where it is of the same input, and must be equal where it is of
 * another. `id` may be NULL: it is made of type and name. NULL where memory is short. */
struct resource *resource_add(struct import *import, const struct input *input, const char *type, const char *name,
			      const char *id, struct js *body);
/* A resource that the input did not make: NULL where it is there already. */
struct resource *resource_add_looked_up(struct import *import, const struct input *input, const char *type,
					const char *name, const char *id, struct js *body);
/* "/subscriptions/SUB/resourceGroups/GROUP/providers/A/b/N/c/M" of "A/b/c" and "N/M". */
const char *resource_id(struct import *import, const char *subscription, const char *group, const char *type,
			const char *name);
bool resource_is(const struct resource *resource, const char *type); /* "virtualNetworks" is of Microsoft.Network */
/* By id, whole or from "/providers/" on, or NAME alone for a reference of the same kind; NULL. `type` is as for
 * resource_is(), NULL: any. */
struct resource *resource_find(const struct import *import, const char *id, const char *type);
/* The parent of a child: that of "hub/apps" is "hub"; NULL where it is not among the resources. */
struct resource *resource_parent(struct import *import, const struct resource *resource);
/* Once all are there: each below its parent, in their order. */
void resources_link(struct import *import);

/* A property, wherever it stands: in `properties` or beside it. Reading marks it as used. NULL where it is not there or
 * is null. "a.b" goes through both. */
struct js *prop(struct js *node, const char *path);
const char *prop_text(struct js *node, const char *path); /* known or not; NULL where it is no text */
bool prop_true(struct js *node, const char *path);
bool prop_int(struct js *node, const char *path, int64_t *ret);
/* The id in {id: ...}, or a text that is an id; NULL. */
const char *prop_id(struct js *node, const char *path);
void mark_all(struct js *node, enum js_mark mark); /* and all below it that is not marked */

void note(struct import *import, enum severity severity, const struct js *at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same of a property: it is marked, with all below it. */
void note_prop(struct import *import, enum severity severity, struct js *at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void assume(struct import *import, const struct js *at, const char *option, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A value that a packet's way depends on is not known. */
void need(struct import *import, struct js *at, const char *what);

/* --address NAME=...: NULL where none is given. */
const char *address_of(struct import *import, const char *name);

/* ---- the scenario ---- */

/* Makes import->doc and import->text of the resources. 0 or -ENOMEM. */
int map_all(struct import *import);
/* properties.c: notes of what no part of the mapping has looked at, and has influence. */
void properties_account(struct import *import);
const char *property_inert(const struct js *leaf, const struct resource *resource); /* the reason; NULL: it is not */
#endif
