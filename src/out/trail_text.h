/* trail.txt: every step of a run as a line of text, to be read, grepped and compared; an observer of the trail. */
#ifndef PKTPATH_OUT_TRAIL_TEXT_H
#define PKTPATH_OUT_TRAIL_TEXT_H
#include "out/capture.h"

#define TRAIL_TEXT_FILE "trail.txt"

struct trail_text;
/* Of `config` the names of flows and nodes are used; what they point at outlives the observer. 0 or a negative errno of
 * the output. */
int trail_text_new(const struct capture_config *config, struct output *output, struct trail_text **ret);
struct trail_observer trail_text_observer(struct trail_text *text);
struct trail_text *trail_text_free(struct trail_text *text);
#endif
