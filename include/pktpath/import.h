/* Imports: scenarios made of what describes a network already, and of captures. A part of tools.h, whose rules hold. */
#ifndef PKTPATH_IMPORT_H
#define PKTPATH_IMPORT_H
#include <pktpath/pktpath.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A scenario made of what describes a network already: answers of Azure's own tools, ARM templates, Terraform's states and
 * plans. An import reads no file itself: the caller gives it texts. */
typedef struct pp_import pp_import;
PP_API pp_import *pp_import_new(void); /* NULL where memory is short */
PP_API void pp_import_free(pp_import *import);
/* An input. `name` is shown in messages; the text may be freed afterwards. 0; 1 where it is wrong: see the diagnostics;
 * -ENOMEM. More than one input is one network. */
PP_API int pp_import_add(pp_import *import, const char *name, const char *text, size_t text_bytes);
/* A file of parameters for all templates that have them. As pp_import_add(). */
PP_API int pp_import_add_parameters(pp_import *import, const char *name, const char *text, size_t text_bytes);
/* The value of a template's parameter; an address in place of an assumed one. 0 or -ENOMEM. */
PP_API int pp_import_param(pp_import *import, const char *name, const char *value);
PP_API int pp_import_address(pp_import *import, const char *name, const char *value);
/* A piece of a capture, pcap or pcapng, in the order of the file: its calls become flows. One capture an import, and
 * nothing else with it. Memory does not grow with the file. As pp_import_add(). */
PP_API int pp_import_feed(pp_import *import, const char *name, const void *data, size_t bytes);
/* Of captures and flow logs: addresses of this prefix stand in a network. 0; 1 where it is no prefix; -ENOMEM. */
PP_API int pp_import_inside(pp_import *import, const char *prefix);
PP_API void pp_import_no_flows(pp_import *import); /* no probes */
/* Once, after all of that. 0; 1 where an input is wrong; -ENOMEM. */
PP_API int pp_import_finish(pp_import *import);
/* At any time, in the order in which they were found. */
PP_API size_t pp_import_n_diagnostics(const pp_import *import);
PP_API void pp_import_diagnostic(const pp_import *import, size_t index, pp_diagnostic *ret);
/* The scenario, after pp_import_finish() gave 0. It belongs to the import. */
PP_API const char *pp_import_text(const pp_import *import, size_t *ret_bytes);
typedef enum pp_imported_kind {
	PP_IMPORTED_KEPT,    /* a resource that is in the scenario */
	PP_IMPORTED_ASSUMED, /* a guess; `option` replaces it */
	PP_IMPORTED_CHANGES, /* NOT MODELLED, and answers differ: `!` */
	PP_IMPORTED_MAY      /* NOT MODELLED, and they may: `?` */
} pp_imported_kind;
typedef struct pp_imported {
	pp_imported_kind kind;
	const char *what;   /* "shop-vnet", "shop: public address 203.0.113.11" */
	const char *type;   /* of a resource, Azure's; else NULL */
	const char *option; /* "--address shop=IP"; NULL */
	const char *file;   /* NULL: it has no place */
	uint32_t line, column;
	char pointer[512]; /* of the value in its document, RFC 6901; "" */
} pp_imported;
/* After pp_import_finish() gave 0. */
PP_API size_t pp_import_n_items(const pp_import *import);
PP_API void pp_import_item(const pp_import *import, size_t index, pp_imported *ret);
/* Whether a value that a packet's way depends on is not known. */
PP_API bool pp_import_lacks_values(const pp_import *import);
/* A route or a rule that the model has otherwise than the cloud. */
typedef struct pp_imported_difference {
	const char *what;
	const char *file; /* of the answer; NULL: the model has it alone */
	uint32_t line;
} pp_imported_difference;
/* Effective routes or rules, as `az network nic show-effective-route-table` and `list-effective-nsg` print them, held
 * against the scenario. After pp_import_finish() gave 0. 0; 1 where the text is neither: see the diagnostics; -ENOMEM. */
PP_API int pp_import_against(pp_import *import, const char *name, const char *text, size_t text_bytes,
			     void (*each)(void *context, const pp_imported_difference *difference), void *context);
/* One property of a resource of the network, and what became of it. */
typedef struct pp_imported_property {
	const char *resource, *type;
	const char *path;    /* "properties.subnets.0.properties.addressPrefix" */
	const char *fate;    /* "mapped", "not-modelled", "no-influence" */
	const char *reason;  /* why it has no influence; NULL */
	const char *unknown; /* why its value is not known; NULL */
	const char *file;
	uint32_t line;
	char pointer[512]; /* of the value in its document, RFC 6901 */
} pp_imported_property;
/* Of each resource that is accounted for, in the order of the inputs. After pp_import_finish() gave 0. 0 or -ENOMEM. */
PP_API int pp_import_properties(pp_import *import, void (*each)(void *context, const pp_imported_property *property),
				void *context);

#ifdef __cplusplus
}
#endif
#endif
