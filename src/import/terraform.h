/* Inside the reading of Terraform: resources as its state or plan has them, the references of its configuration, and the
 * tables that turn them into resources of Azure. */
#ifndef PKTPATH_IMPORT_TERRAFORM_H
#define PKTPATH_IMPORT_TERRAFORM_H
#include "import/import.h"

#define TERRAFORM_MAX_LEVEL 3u   /* of resources within resources */
#define TERRAFORM_MAX_CHOICE 32u /* of resources that one expression names */
#define TERRAFORM_MAX_PROVIDERS 8u
#define TERRAFORM_MAX_MODULES 20u /* modules within modules, and references through them */

struct tf_resource {
	const char *type, *name;
	const char *module;  /* "module.net.module.subnets[0]"; "" at the top */
	const char *index;   /* of a count or a for_each, as text; NULL */
	const char *address; /* in a plan; NULL */
	struct js *values;
	struct js *expressions; /* of the configuration; NULL */
	const struct js *for_each;
	const struct tf_type *kind; /* NULL: its type is not in the table */
	const char *azure_type, *azure_name, *id;
	unsigned level; /* how deep it stands within others: a balancer 0, a pool of it 1, an address of the pool 2 */
	struct tf_resource *next_of_name; /* another instance of the same block */
	struct js *body;
	bool planned; /* what it does not know yet has been put in */
	bool data;    /* looked up, not made: it is there for its id */
};

enum tf_attr_kind {
	TF_COPY,    /* the value as it is */
	TF_NOT,     /* its opposite */
	TF_ID,      /* a reference: {id: ...} */
	TF_IDS,     /* a list of them */
	TF_ID_TEXT, /* a reference as a text */
	TF_BLOCK,   /* the first block, as an object */
	TF_BLOCKS,  /* blocks, as a list of objects */
	TF_IF_TRUE, /* `text` where it is true */
	TF_IF_FALSE,
	TF_CONSTANT, /* the type of Terraform's says it: the text, whatever the attributes are */
	TF_LIST,     /* a single value, as a list */
	TF_DROP      /* without influence, or said by another attribute */
};

struct tf_attr {
	const char *tf;
	enum tf_attr_kind kind;
	const char *azure; /* "properties.addressSpace.addressPrefixes" */
	const char *of;    /* of a reference: the type of Azure's that it is to; of TF_IF_*: the text; of TF_BLOCKS that
			   join a list: what each says of itself, "ruleType=NatRule" */
	const struct tf_attr *inner; /* of blocks; the last has no name */
};

struct tf_type {
	const char *tf, *azure;
	const char *parent; /* the attribute with the parent's name, or its id */
	const struct tf_attr *attrs;
	const char *attach; /* it is no resource of its own: to this attribute's resource it adds an item to the list */
	const char *attach_type, *list;
};

struct tf_provider { /* another than Azure's */
	const char *name;
	const struct js *first; /* of its resources */
	size_t n_resources;
};

struct tf {
	struct import *import;
	struct store *store;
	struct input *input;
	struct tf_resource *resources;
	size_t n_resources;
	struct names by_name, by_id; /* of the resources; of several instances the first */
	struct js **configured;      /* modules and resources of the configuration */
	size_t n_configured;
	struct names by_path;    /* of them */
	struct names by_address; /* of the changes of a plan */
	struct js **changes;
	const char *attribute; /* of the resource that a reference was followed to: "[0].private_ip_address" */
	size_t n_strange;      /* of other providers */
	struct tf_provider providers[TERRAFORM_MAX_PROVIDERS]; /* of those that may have networks */
	size_t n_providers;
	unsigned depth;
	bool collects; /* all resources that an expression names are wanted */
	struct tf_resource *collected[TERRAFORM_MAX_CHOICE];
	size_t n_collected;
	bool ambiguous; /* the expression that was followed names several resources of the wanted type */
};

/* terraform_index.c: once all resources are gathered, their names and the configuration; their ids once they have them. */
void tf_index(struct tf *tf);
void tf_index_ids(struct tf *tf);
void tf_index_deinit(struct tf *tf);
/* The first instance of "azurerm_subnet.front" in a module. */
struct tf_resource *tf_resources_named(struct tf *tf, const char *module, const char *name);
struct tf_resource *tf_resource_of_id(struct tf *tf, const char *id);
struct js *tf_module_configuration(struct tf *tf, const char *module); /* "module.a[0].module.b"; NULL */

/* The tables of azurerm's resources. */
const struct tf_type *tf_types_network(size_t *ret_n);   /* terraform_types.c */
const struct tf_type *tf_types_services(size_t *ret_n);  /* terraform_services.c */
const struct tf_type *tf_types_firewalls(size_t *ret_n); /* terraform_firewalls.c */
/* The text that a known attribute has, or the id of the resource that its expression refers to; NULL. `azure_type` may be
 * NULL. `expressions`: of the block that the attribute stands in. */
const char *tf_reference(struct tf *tf, const struct tf_resource *resource, struct js *expressions, const char *attr,
			 const struct js *value, const char *azure_type);
/* Whether the plan knows that the attribute has no value. */
bool tf_is_absent(const struct tf_resource *resource, const char *attr, const struct js *value);
/* All of a list. */
void tf_references(struct tf *tf, const struct tf_resource *resource, struct js *expressions, const char *attr,
		   struct js *values, const char *azure_type, const char ***ret, size_t *ret_n);
/* The id of the resource of whose address the expression is made; NULL. */
const char *tf_address_of(struct tf *tf, const struct tf_resource *resource, struct js *expression);
/* Puts what a plan does not know yet, and the configuration says, into the values as unknown. 0 or -ENOMEM. */
int tf_unknown(struct tf *tf);
/* Puts what the attributes say into the body, and what the table does not know beside it. */
void tf_fill(struct tf *tf, struct tf_resource *resource, const struct tf_attr *attrs, struct js *values,
	     struct js *expressions, struct js *body);
/* Where in the body, made as far as it is not there. */
struct js *tf_place(struct tf *tf, struct js *body, const char *path, const char **ret_last);
/* The list there, likewise. */
struct js *tf_list(struct tf *tf, struct js *body, const char *path, const struct js *from);
/* {id: ID} */
struct js *tf_id_object(struct tf *tf, const char *id, const struct js *from);
/* A member that something else says in its place: it stays in the account of properties under another key. */
void tf_set_aside(struct tf *tf, struct js *holder, struct js *member);
void tf_associate(struct tf *tf, struct tf_resource *association);
/* A data source as a resource, where no input makes it. After all resources. */
void tf_add_data(struct tf *tf, struct tf_resource *data);
bool tf_is_association(const char *type);
/* Whether a type, or a reference to it, is of a provider that is read. */
bool tf_is_azures(const char *type);
/* A resource of another provider; what NOT MODELLED says of them; and an error, where there is nothing else. */
void tf_count_other(struct tf *tf, const char *type, const struct js *at);
void tf_note_others(struct tf *tf);
void tf_complain_of_others(struct tf *tf);
const char *tf_names_of_id(struct tf *tf, const char *id); /* behind its provider: "hub/apps" */
/* terraform_azapi.c: resources in Azure's own shape. */
const char *tf_azapi_type(struct tf *tf, const struct tf_resource *resource);
void tf_azapi_name(struct tf *tf, struct tf_resource *resource); /* of a child: its id is the parent's, and more */
void tf_azapi_fill(struct tf *tf, struct tf_resource *resource);
bool tf_azapi_is_update(const struct tf_resource *resource);
void tf_azapi_update(struct tf *tf, struct tf_resource *update); /* after all are filled */
#endif
