/* What dialogue.c shares with http.c, tls.c and text.c. Not to be included from elsewhere. */
#ifndef PKTPATH_HOST_DIALOGUE_INTERNAL_H
#define PKTPATH_HOST_DIALOGUE_INTERNAL_H
#include "host/dialogue.h"

/* Each fills in the messages of its kind; -ENOMEM where memory is short. */
int text_fill(struct arena *arena, const struct dialogue_config *config, struct dialogue *d);
int http_fill(struct arena *arena, const struct dialogue_config *config, struct dialogue *d);
int tls_fill(struct arena *arena, const struct dialogue_config *config, struct dialogue *d);

/* `head`, then `body_bytes` of readable text that names the flow. */
const struct payload *text_after(struct arena *arena, const char *head, const char *flow, const char *direction,
				 uint32_t body_bytes);
#endif
