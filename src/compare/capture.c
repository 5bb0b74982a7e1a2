/* Captures compared: an interface of the one with the interface of that name of the other, each packet with the one
 * that it corresponds to.
 *
 * DOC: which packet corresponds to which is found by what no NAT rewrites (its length, flags, direction, connection),
 * not by its number: one packet more at the beginning would make all others differ. Two that correspond are compared
 * field by field. What was decided on a packet stands in its notes, where it passed the one who decided; so the rule
 * behind a difference is found in the note of that packet, there or on its way there. */
#include "compare/capture.h"
#include "base/names.h"
#include "base/random.h"
#include "compare/align.h"
#include "compare/frame.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The records of one interface: their numbers in the reading, and their keys. */
struct side {
	const struct reading *reading;
	const size_t *records;
	uint64_t *keys;
	size_t n;
};

struct comparison {
	const struct capture_pair *pair;
	struct difference_list *list;
	const char *point;
	struct side a, b;
};

/* ---- notes ---- */

/* "..., call[3] packet 5" */
struct note {
	const char *connection;
	size_t connection_bytes;
	const char *decision; /* before the connection; NULL where nothing was decided */
	size_t decision_bytes;
};

/* The last of them. */
static const char *find_last(const char *text, size_t n, const char *what)
{
	size_t n_what = strlen(what);
	for (size_t i = n; i-- > n_what;)
		if (memcmp(text + i - n_what + 1, what, n_what) == 0)
			return text + i - n_what + 1;
	return NULL;
}

static struct note note_of(const struct reading_record *record)
{
	struct note note = {0};
	const char *packet = !record->comment ? NULL : find_last(record->comment, record->comment_bytes, " packet ");
	const char *comma = !packet ? NULL : find_last(record->comment, (size_t)(packet - record->comment), ", ");
	if (!comma)
		return note;
	note.connection = comma + 2;
	note.connection_bytes = (size_t)(packet - note.connection);
	/* Not where it only says that the packet was sent. */
	if (memmem(record->comment, (size_t)(comma - record->comment), " by ", 4)) {
		note.decision = record->comment;
		note.decision_bytes = (size_t)(comma - record->comment);
	}
	return note;
}

static bool same_connection(const struct note *a, const struct note *b)
{
	return a->connection_bytes == b->connection_bytes &&
	       (a->connection_bytes == 0 || memcmp(a->connection, b->connection, a->connection_bytes) == 0);
}

static bool is_drop(const struct note *note)
{
	return note->decision_bytes >= 5 && memcmp(note->decision, "DROP ", 5) == 0;
}

/* The last decision about a packet up to this record; or how it ended, where `ended`. */
static struct note decision_about(const struct reading *reading, size_t up_to, uint64_t id, const struct note *whose,
				  bool ended)
{
	for (size_t i = up_to; reading && i-- > 0;) {
		const struct reading_record *record = &reading->records[i];
		if (record->id != id)
			continue;
		struct note note = note_of(record);
		if (note.decision && same_connection(&note, whose) && (!ended || is_drop(&note)))
			return note;
	}
	return (struct note){0};
}

/* How the connection's first lost packet was lost. */
static struct note first_drop(const struct reading *drops, const struct note *whose)
{
	for (size_t i = 0; drops && i < drops->n_records; i++) {
		struct note note = note_of(&drops->records[i]);
		if (is_drop(&note) && same_connection(&note, whose))
			return note;
	}
	return (struct note){0};
}

static struct note why_lost(const struct reading *reading, const struct reading *drops,
			    const struct reading_record *record)
{
	struct note whose = note_of(record);
	struct note why = decision_about(drops, !drops ? 0 : drops->n_records, record->id, &whose, true);
	if (!why.decision)
		why = decision_about(reading, reading->n_records, record->id, &whose, true);
	return !why.decision ? first_drop(drops, &whose) : why;
}

/* ---- telling ---- */

static const struct reading_record *record_of(const struct side *side, size_t i)
{
	return &side->reading->records[side->records[i]];
}

static int fill_packet(const struct comparison *comparison, const struct reading_record *record, const struct note *why,
		       struct difference *ret)
{
	struct arena *arena = comparison->list->arena;
	struct note note = note_of(record);
	struct buf what = {0};
	frame_describe(&what, record->frame, record->captured_bytes);
	ret->what = arena_strdup(arena, buf_text(&what));
	bool failed = buf_failed(&what);
	buf_free(&what);
	ret->flow = !note.connection ? comparison->pair->flow
				     : arena_strndup(arena, note.connection, note.connection_bytes);
	ret->because = !why->decision ? NULL : arena_strndup(arena, why->decision, why->decision_bytes);
	ret->packet = record->id;
	ret->unix_ns = record->unix_ns;
	return failed || !ret->what || !ret->flow || (why->decision && !ret->because) ? -ENOMEM : 0;
}

/* A loss is reported at each point: where the first of them is missing is the news, and how far the others came. */
static int tell_gone(struct comparison *comparison, size_t i)
{
	const struct reading_record *record = record_of(&comparison->a, i);
	struct difference like = {.kind = DIFFERENCE_GONE, .point = comparison->point, .unix_ns = record->unix_ns},
			  *difference;
	bool show;
	int r = difference_add(comparison->list, comparison->pair->first, &like, &difference, &show);
	if (r < 0 || !show)
		return r;
	struct note why = why_lost(comparison->pair->b, comparison->pair->drops_b, record);
	return fill_packet(comparison, record, &why, difference);
}

static int tell_new(struct comparison *comparison, size_t i)
{
	const struct reading_record *record = record_of(&comparison->b, i);
	struct difference like = {.kind = DIFFERENCE_NEW, .point = comparison->point, .unix_ns = record->unix_ns},
			  *difference;
	bool show;
	int r = difference_add(comparison->list, comparison->pair->first, &like, &difference, &show);
	if (r < 0 || !show)
		return r;
	struct note whose = note_of(record);
	struct note why = decision_about(comparison->pair->b, comparison->b.records[i] + 1, record->id, &whose, false);
	return fill_packet(comparison, record, &why, difference);
}

/* Decisions change addresses, ports and identifiers; of other fields one is the cause only where it is another one than
 * before. */
static struct note why_changed(const struct comparison *comparison, size_t a, size_t b, bool decided)
{
	const struct reading_record *before = record_of(&comparison->a, a), *after = record_of(&comparison->b, b);
	struct note whose = note_of(after), whose_before = note_of(before);
	struct note why = decision_about(comparison->pair->b, comparison->b.records[b] + 1, after->id, &whose, false);
	struct note why_before =
		decision_about(comparison->pair->a, comparison->a.records[a] + 1, before->id, &whose_before, false);
	if (!why.decision)
		why = why_before;
	bool same = why.decision_bytes == why_before.decision_bytes &&
		    (why.decision_bytes == 0 || memcmp(why.decision, why_before.decision, why.decision_bytes) == 0);
	return decided || !same ? why : (struct note){0};
}

/* The same change is seen wherever the packet passes on: it is reported where it was seen first. */
static int tell_field(struct comparison *comparison, size_t a, size_t b, const struct field_change *change)
{
	const struct reading_record *record = record_of(&comparison->b, b);
	struct arena *arena = comparison->list->arena;
	struct difference like = {.kind = DIFFERENCE_CHANGED, .field = change->name, .unix_ns = record->unix_ns},
			  *difference;
	bool show;
	int r = difference_add(comparison->list, comparison->pair->first, &like, &difference, &show);
	if (r < 0 || !show)
		return r;
	struct note why = why_changed(comparison, a, b, change->decided);
	difference->shown_at = comparison->point;
	difference->before = arena_strdup(arena, change->before);
	difference->after = arena_strdup(arena, change->after);
	return !difference->before || !difference->after ? -ENOMEM : fill_packet(comparison, record, &why, difference);
}

/* ---- packets that correspond ---- */

static struct field_change change_of_number(const char *name, uint64_t before, uint64_t after)
{
	struct field_change change = {0};
	(void)snprintf(change.name, sizeof(change.name), "%s", name);
	(void)snprintf(change.before, sizeof(change.before), "%" PRIu64, before);
	(void)snprintf(change.after, sizeof(change.after), "%" PRIu64, after);
	return change;
}

static struct field_change change_of_direction(uint32_t before, uint32_t after)
{
	static const char *const names[4] = {"unknown", "inbound", "outbound", "unknown"};
	struct field_change change = {.name = "direction"};
	(void)snprintf(change.before, sizeof(change.before), "%s", names[before & 3]);
	(void)snprintf(change.after, sizeof(change.after), "%s", names[after & 3]);
	return change;
}

/* Captures begin at a date of their own; a difference is easier to see than two dates. */
static struct field_change change_of_time(int64_t before, int64_t after)
{
	struct field_change change = {.name = "time"};
	uint64_t by = after > before ? (uint64_t)after - (uint64_t)before : (uint64_t)before - (uint64_t)after;
	(void)snprintf(change.before, sizeof(change.before), "%" PRId64 ".%09" PRId64 " s", before / 1000000000,
		       before % 1000000000);
	(void)snprintf(change.after, sizeof(change.after), "%" PRIu64 ".%09" PRIu64 " s %s", by / 1000000000,
		       by % 1000000000, after > before ? "later" : "earlier");
	return change;
}

static const struct field *counterpart(const struct field *field, size_t i, const struct field *others, size_t n)
{
	for (size_t k = i; k < n; k++) /* mostly at the same place */
		if (others[k].name == field->name && others[k].inner == field->inner)
			return &others[k];
	for (size_t k = 0; k < i && k < n; k++)
		if (others[k].name == field->name && others[k].inner == field->inner)
			return &others[k];
	return NULL;
}

static int compare_field(struct comparison *comparison, size_t a, size_t b, const struct field *before,
			 const struct field *after)
{
	struct field_change change;
	return field_differs(before, after, comparison->pair->ignore, &change) ? tell_field(comparison, a, b, &change)
									       : 0;
}

static int compare_frames(struct comparison *comparison, size_t a, size_t b)
{
	const struct reading_record *before = record_of(&comparison->a, a), *after = record_of(&comparison->b, b);
	struct field fields_a[FRAME_MAX_FIELDS], fields_b[FRAME_MAX_FIELDS];
	size_t n_a = frame_fields(before->frame, before->captured_bytes, fields_a);
	size_t n_b = frame_fields(after->frame, after->captured_bytes, fields_b);
	int r = 0;
	for (size_t i = 0; r == 0 && i < n_a; i++)
		r = compare_field(comparison, a, b, &fields_a[i], counterpart(&fields_a[i], i, fields_b, n_b));
	for (size_t i = 0; r == 0 && i < n_b; i++)
		if (!counterpart(&fields_b[i], i, fields_a, n_a))
			r = compare_field(comparison, a, b, NULL, &fields_b[i]);
	return r;
}

static bool same_frame(const struct reading_record *a, const struct reading_record *b)
{
	return a->captured_bytes == b->captured_bytes && memcmp(a->frame, b->frame, a->captured_bytes) == 0;
}

static int compare_records(struct comparison *comparison, size_t a, size_t b)
{
	const struct reading_record *before = record_of(&comparison->a, a), *after = record_of(&comparison->b, b);
	unsigned ignore = comparison->pair->ignore;
	struct field_change change;
	int r = 0;
	if (before->unix_ns != after->unix_ns && (ignore & COMPARE_IGNORE_TIME) == 0) {
		change = change_of_time(before->unix_ns, after->unix_ns);
		r = tell_field(comparison, a, b, &change);
	}
	if (r == 0 && before->id != after->id && (ignore & COMPARE_IGNORE_IDS) == 0) {
		change = change_of_number("packet id", before->id, after->id);
		r = tell_field(comparison, a, b, &change);
	}
	if (r == 0 && before->direction != after->direction) {
		change = change_of_direction(before->direction, after->direction);
		r = tell_field(comparison, a, b, &change);
	}
	if (r == 0 && before->frame_bytes != after->frame_bytes) {
		change = change_of_number("frame length", before->frame_bytes, after->frame_bytes);
		r = tell_field(comparison, a, b, &change);
	}
	return r < 0 || same_frame(before, after) ? r : compare_frames(comparison, a, b);
}

static int pair_found(void *context, size_t a, size_t b)
{
	struct comparison *comparison = context;
	if (b == ALIGN_NONE)
		return tell_gone(comparison, a);
	if (a == ALIGN_NONE)
		return tell_new(comparison, b);
	return compare_records(comparison, a, b);
}

/* ---- interfaces ---- */

/* A capture's records by interface: those of interface i stand at starts[i] up to starts[i + 1]. */
struct by_interface {
	const struct reading *reading;
	size_t *starts, *records;
	uint64_t *keys;
};

static uint64_t key_of(const struct reading_record *record)
{
	struct note note = note_of(record);
	uint64_t key = random_join(frame_signature(record->frame, record->captured_bytes), record->direction);
	for (size_t i = 0; i < note.connection_bytes; i++)
		key = random_mix(key ^ (uint8_t)note.connection[i]);
	return key;
}

static int sort_by_interface(const struct reading *reading, struct by_interface *ret)
{
	*ret = (struct by_interface){
		.reading = reading,
		.starts = calloc(reading->n_interfaces + 2, sizeof(*ret->starts)),
		.records = calloc(reading->n_records + 1, sizeof(*ret->records)),
		.keys = calloc(reading->n_records + 1, sizeof(*ret->keys)),
	};
	if (!ret->starts || !ret->records || !ret->keys)
		return -ENOMEM;
	size_t *next =
		ret->starts + 1; /* while records are placed, starts[i + 1] is where the next one of interface i goes */
	for (size_t i = 0; i < reading->n_records; i++)
		next[reading->records[i].interface + 1]++;
	for (size_t i = 1; i <= reading->n_interfaces; i++)
		next[i] += next[i - 1];
	for (size_t i = 0; i < reading->n_records; i++) {
		size_t at = next[reading->records[i].interface]++;
		ret->records[at] = i;
		ret->keys[at] = key_of(&reading->records[i]);
	}
	return 0;
}

static void free_by_interface(struct by_interface *sorted)
{
	free(sorted->starts);
	free(sorted->records);
	free(sorted->keys);
}

/* The numbers of interfaces by name. */
static int number_interfaces(const struct reading *reading, struct names *ret)
{
	int r = 0;
	for (size_t i = 0; r >= 0 && i < reading->n_interfaces; i++)
		r = names_add(ret, reading->interfaces[i], (uint32_t)i);
	return r < 0 ? r : 0;
}

/* Empty where there is no interface of that name. */
static struct side side_of(const struct by_interface *sorted, const struct names *numbers, const char *name)
{
	struct side side = {.reading = sorted->reading};
	uint32_t i;
	if (!names_find(numbers, name, &i))
		return side;
	side.records = sorted->records + sorted->starts[i];
	side.keys = sorted->keys + sorted->starts[i];
	side.n = sorted->starts[i + 1] - sorted->starts[i];
	return side;
}

static void mark_open(const struct side *side, size_t from, bool *open)
{
	for (size_t i = from; i < side->n; i++)
		open[side->records[i]] = true;
}

static int compare_point(struct comparison *comparison, const struct side *a, const struct side *b, const char *point)
{
	bool *open_a = comparison->pair->open_a, *open_b = comparison->pair->open_b;
	comparison->point = arena_strdup(comparison->list->arena, point);
	comparison->a = *a;
	comparison->b = *b;
	if (!comparison->point)
		return -ENOMEM;
	if (!open_a || !a->records || !b->records) /* whole, or an interface that one alone has */
		return align(a->keys, a->n, b->keys, b->n, pair_found, comparison);
	size_t end_a, end_b;
	int r = align_begun(a->keys, a->n, b->keys, b->n, pair_found, comparison, &end_a, &end_b);
	mark_open(a, end_a, open_a);
	mark_open(b, end_b, open_b);
	return r;
}

static int compare_points(struct comparison *comparison, const struct by_interface *a, const struct by_interface *b,
			  const struct names *numbers_a, const struct names *numbers_b)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < a->reading->n_interfaces; i++) {
		const char *name = a->reading->interfaces[i];
		struct side side_a = side_of(a, numbers_a, name), side_b = side_of(b, numbers_b, name);
		if (side_a.n > 0 || side_b.n > 0)
			r = compare_point(comparison, &side_a, &side_b, name);
	}
	for (size_t i = 0; r == 0 && i < b->reading->n_interfaces; i++) {
		const char *name = b->reading->interfaces[i];
		struct side side_a = side_of(a, numbers_a, name), side_b = side_of(b, numbers_b, name);
		if (!side_a.records && side_b.n > 0)
			r = compare_point(comparison, &side_a, &side_b, name);
	}
	return r;
}

int compare_captures(const struct capture_pair *pair, struct difference_list *list)
{
	struct comparison comparison = {.pair = pair, .list = list};
	struct by_interface a = {0}, b = {0};
	struct names numbers_a = {0}, numbers_b = {0};
	int r = sort_by_interface(pair->a, &a);
	if (r == 0)
		r = sort_by_interface(pair->b, &b);
	if (r == 0)
		r = number_interfaces(pair->a, &numbers_a);
	if (r == 0)
		r = number_interfaces(pair->b, &numbers_b);
	if (r == 0)
		r = compare_points(&comparison, &a, &b, &numbers_a, &numbers_b);
	names_deinit(&numbers_a);
	names_deinit(&numbers_b);
	free_by_interface(&a);
	free_by_interface(&b);
	return r;
}

int compare_unpaired(const struct capture_pair *pair, const char *point, const size_t *a, size_t n_a, const size_t *b,
		     size_t n_b, struct difference_list *list)
{
	struct comparison comparison = {.pair = pair,
					.list = list,
					.point = arena_strdup(list->arena, point),
					.a = {.reading = pair->a, .records = a, .n = n_a},
					.b = {.reading = pair->b, .records = b, .n = n_b}};
	int r = comparison.point ? 0 : -ENOMEM;
	for (size_t i = 0; r == 0 && (i < n_a || i < n_b); i++)
		r = pair_found(&comparison, i < n_a ? i : ALIGN_NONE, i < n_b ? i : ALIGN_NONE);
	return r;
}
