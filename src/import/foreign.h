/* Inputs of something else than a network of Azure: what they are, and what to give in their place. */
#ifndef PKTPATH_IMPORT_FOREIGN_H
#define PKTPATH_IMPORT_FOREIGN_H
#include "import/import.h"

enum foreign {
	FOREIGN_NONE, /* it is not known to be anything else */
	FOREIGN_CLOUDFORMATION,
	FOREIGN_AWS,
	FOREIGN_GOOGLE,
	FOREIGN_KUBERNETES,
	FOREIGN_TERRAFORM, /* its own language, not what it shows */
	FOREIGN_TERRAFORM_LOG,
	FOREIGN_PULUMI,
	FOREIGN_FORM,
	FOREIGN_WHAT_IF,
	FOREIGN_ERROR,
	FOREIGN_COUNT
};

enum foreign foreign_document(const struct js *root);
void foreign_refuse(struct import *import, struct place place, enum foreign foreign);
/* Before it is read as JSON: by its name and its first bytes. Whether it was refused. */
bool foreign_refuse_source(struct import *import, const struct input *input, const char *text, size_t text_bytes);
#endif
