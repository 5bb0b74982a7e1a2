/* An import as the public calls drive it. */
#ifndef PKTPATH_IMPORT_RUN_H
#define PKTPATH_IMPORT_RUN_H
#include "import/against.h"
#include "import/import.h"

enum import_setting { IMPORT_PARAM, IMPORT_ADDRESS };

struct import *import_new(void); /* NULL where memory is short */
void import_free(struct import *import);
/* 0, 1 where it is wrong (diagnostics say how), -ENOMEM. The text may be freed afterwards. */
int import_add(struct import *import, const char *name, const char *text, size_t text_bytes, bool parameters);
int import_set(struct import *import, enum import_setting kind, const char *name, const char *value);
/* A piece of a capture; one capture an import. As import_add(). */
int import_feed(struct import *import, const char *name, const void *data, size_t bytes);
/* "10.0.0.0/8": an address in it is inside. 0, 1 where it is no prefix, -ENOMEM. */
int import_inside(struct import *import, const char *prefix);
/* As import_add(). After 0 there is import->text. */
int import_finish(struct import *import);
/* After import_finish() gave 0: what the cloud says is in force, held against the model. As import_add(). */
int import_against(struct import *import, const char *name, const char *text, size_t text_bytes,
		   struct finding_list *ret);
#endif
