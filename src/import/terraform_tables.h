/* How the tables of azurerm's resources are written: one line an attribute. */
#ifndef PKTPATH_IMPORT_TERRAFORM_TABLES_H
#define PKTPATH_IMPORT_TERRAFORM_TABLES_H
#include "import/terraform.h"

#define END                                                                                                            \
	{                                                                                                              \
		0                                                                                                      \
	}
#define COMMON                                                                                                         \
	{"location", TF_COPY, "location", NULL, NULL}, {"name", TF_DROP, NULL, NULL, NULL},                            \
		{"id", TF_DROP, NULL, NULL, NULL}, {"resource_group_name", TF_DROP, NULL, NULL, NULL},                 \
		{"timeouts", TF_DROP, NULL, NULL, NULL},                                                               \
	{                                                                                                              \
		"tags", TF_COPY, "tags", NULL, NULL                                                                    \
	}
#define COPY(tf, azure)                                                                                                \
	{                                                                                                              \
		tf, TF_COPY, azure, NULL, NULL                                                                         \
	}
#define NOT(tf, azure)                                                                                                 \
	{                                                                                                              \
		tf, TF_NOT, azure, NULL, NULL                                                                          \
	}
#define ID(tf, azure, of)                                                                                              \
	{                                                                                                              \
		tf, TF_ID, azure, of, NULL                                                                             \
	}
#define IDS(tf, azure, of)                                                                                             \
	{                                                                                                              \
		tf, TF_IDS, azure, of, NULL                                                                            \
	}
#define BLOCK(tf, azure, inner)                                                                                        \
	{                                                                                                              \
		tf, TF_BLOCK, azure, NULL, inner                                                                       \
	}
#define BLOCKS(tf, azure, inner)                                                                                       \
	{                                                                                                              \
		tf, TF_BLOCKS, azure, NULL, inner                                                                      \
	}
#define DROP(tf)                                                                                                       \
	{                                                                                                              \
		tf, TF_DROP, NULL, NULL, NULL                                                                          \
	}
#define LIST(tf, azure)                                                                                                \
	{                                                                                                              \
		tf, TF_LIST, azure, NULL, NULL                                                                         \
	}
#define ID_TEXT(tf, azure, of)                                                                                         \
	{                                                                                                              \
		tf, TF_ID_TEXT, azure, of, NULL                                                                        \
	}
/* Blocks that join the list that is there; each says what it is: "ruleType=NatRule". */
#define SORTED(tf, azure, sort, inner)                                                                                 \
	{                                                                                                              \
		tf, TF_BLOCKS, azure, sort, inner                                                                      \
	}
#define P "properties."
#define SUBNETS "virtualNetworks/subnets"
#define PUBLIC "publicIPAddresses"
#endif
