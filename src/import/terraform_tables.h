/* How the tables of azurerm's resources are written: one line an attribute. */
#ifndef PKTPATH_IMPORT_TERRAFORM_TABLES_H
#define PKTPATH_IMPORT_TERRAFORM_TABLES_H
#include "import/terraform.h"

/* clang-format off */
#define ATTR(tf, kind, azure, of, inner) {tf, TF_##kind, azure, of, inner}
#define COPY(tf, azure) ATTR(tf, COPY, azure, NULL, NULL)
#define NOT(tf, azure) ATTR(tf, NOT, azure, NULL, NULL)
#define ID(tf, azure, of) ATTR(tf, ID, azure, of, NULL)
#define IDS(tf, azure, of) ATTR(tf, IDS, azure, of, NULL)
#define ID_TEXT(tf, azure, of) ATTR(tf, ID_TEXT, azure, of, NULL)
#define LIST(tf, azure) ATTR(tf, LIST, azure, NULL, NULL)
#define CONSTANT(azure, text) ATTR("", CONSTANT, azure, text, NULL)
#define IF_TRUE(tf, azure, text) ATTR(tf, IF_TRUE, azure, text, NULL)
#define BLOCK(tf, azure, inner) ATTR(tf, BLOCK, azure, NULL, inner)
#define BLOCKS(tf, azure, inner) ATTR(tf, BLOCKS, azure, NULL, inner)
/* Blocks that join the list that is there; each says what it is: "ruleType=NatRule". */
#define SORTED(tf, azure, sort, inner) ATTR(tf, BLOCKS, azure, sort, inner)
#define DROP(tf) ATTR(tf, DROP, NULL, NULL, NULL)
#define COMMON                                                                                                         \
	COPY("location", "location"), COPY("tags", "tags"), DROP("name"), DROP("id"), DROP("resource_group_name"),     \
		DROP("timeouts")
#define END {0}
/* A type that is a resource of its own, and stands within no other. */
#define RESOURCE(tf, azure, attrs) {tf, azure, NULL, attrs, NULL, NULL, NULL}
/* One that is a resource of its own, and stands within the one that the attribute `parent` names. */
#define CHILD(tf, azure, parent, attrs) {tf, azure, parent, attrs, NULL, NULL, NULL}
/* One that is an item of a list in Azure: of the resource that the attribute names. */
#define ATTACHED(tf, whole, list, attr, attrs) {tf, "Microsoft.Network/" whole "/" list, attr, attrs, attr, whole, P list}
/* clang-format on */
#define P "properties."
#define SUBNETS "virtualNetworks/subnets"
#define PUBLIC "publicIPAddresses"
#endif
