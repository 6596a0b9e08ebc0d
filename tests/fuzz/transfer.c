/* What servers answer to copies: looks, listings and tar streams. Any bytes make sense or do not;
 * cut anywhere, a stream holds the same, and nothing lies outside of what was asked for. The first
 * byte chooses, the second one says how a stream is cut. Headers that call themselves ustar get a
 * right sum: no server sends another. */
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_listing.h"
#include "lib/wire/transfer_old.h"
#include "lib/wire/transfer_tar.h"
#include "lib/wire/transfer_untar.h"
#include "tests/fuzz/fuzz.h"

static const char *const suffixes[] = {"", "/a", "/d", "/d/b\nc", "/l"};
static const char *const tops[2] = {"top", ""};

/* What is to be copied: no file of it is ever opened. */
static void fill_tree(struct listing *listing)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		struct tree_entry *entry = listing_add(listing, suffixes[i]);

		entry->type = i == 4 ? TREE_LINK : i % 2 ? TREE_FILE : TREE_DIR;
		entry->mode = 0755;
		entry->size = 3;
		entry->target = i == 4 ? mem_text("a") : NULL;
	}
}

static void check_plan(struct plan *plan, const struct tree *tree, unsigned bits)
{
	const struct plan_wish wish = {bits & 1, bits & 2, bits & 4, bits & 8 ? 0644 : -1};
	bool *wanted = mem_zero(tree->count, sizeof(*wanted));

	must(plan->count == tree->count);
	must(plan_wants_hashes(plan, tree, &wish, wanted) <= tree->count);
	plan_decide(plan, tree, &wish);
	must(plan->sends <= tree->count && plan->bytes >= 0);
	for (size_t i = 0; i < plan->extra.count; i++)
		must(!strncmp(plan->extra.at[i], "./", 2) && plan->extra.at[i][2]);
	plan_is_empty(plan);
	free(wanted);
}

static void look(const char *bytes, size_t count, unsigned bits)
{
	struct listing listing = {.here = NULL};
	struct buf answer = BUF_INIT;
	struct err err = ERR_INIT;
	struct plan plan;
	int rc;

	fill_tree(&listing);
	buf_add(&answer, bytes, count);
	rc = plan_read(&plan, &listing.names, tops, &answer, &err);
	must(!rc == !*err.text);
	if (!rc)
		check_plan(&plan, &listing.names, bits);
	plan_finish(&plan);
	listing_finish(&listing);
	buf_finish(&answer);
}

static void check_listing(const struct listing *listing)
{
	struct buf names = BUF_INIT;
	int64_t bytes = 0;
	size_t count = 0;

	for (size_t i = 0; i < listing->names.count; i++) {
		const char *name = listing->names.at[i].suffix;

		must(!*name || (!strncmp(name, "top", 3) && (!name[3] || name[3] == '/')));
		must(!strstr(name, "/../"));
	}
	listing_wanted(listing, &names, &count, &bytes);
	must(count <= listing->names.count);
	buf_finish(&names);
}

static void list_names(const char *bytes, size_t count)
{
	static const atomic_bool never;
	struct listing listing = {.here = NULL};
	struct buf answer = BUF_INIT;
	struct err err = ERR_INIT;

	buf_add(&answer, bytes, count);
	if (!listing_read(&listing, "top", &answer, &err)) {
		check_listing(&listing);
		listing_read_sums(&listing, &answer, &never);
	} else {
		must(*err.text);
	}
	listing_finish(&listing);
	buf_finish(&answer);
}

static void mend_sums(char *bytes, size_t count)
{
	for (size_t at = 0; at + TAR_BLOCK <= count; at += TAR_BLOCK) {
		char *block = bytes + at;
		unsigned sum = 0;

		if (memcmp(block + 257, "ustar", 5) != 0)
			continue;
		memset(block + 148, ' ', 8);
		for (size_t i = 0; i < TAR_BLOCK; i++)
			sum += (unsigned char)block[i];
		snprintf(block + 148, 8, "%06o", sum);
	}
}

/* The entries in a form that does not depend on the cut. */
struct seen {
	struct buf notes;
	bool open;
	int64_t end;
};

static int seen_begin(void *ctx, const struct untar_entry *entry, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	must(!seen->open);
	seen->open = true;
	seen->end = 0;
	buf_format(&seen->notes, "%s>%s %c %o %lld %lld;", entry->name, entry->target, entry->type,
		   entry->mode, (long long)entry->size, (long long)entry->mtime);
	return 0;
}

static int seen_data(void *ctx, int64_t at, const char *bytes, size_t count, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	must(seen->open && count > 0 && at >= seen->end);
	if (at > seen->end)
		buf_format(&seen->notes, "@%lld;", (long long)at);
	seen->end = at + (int64_t)count;
	buf_add(&seen->notes, bytes, count);
	return 0;
}

static int seen_end(void *ctx, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	must(seen->open);
	seen->open = false;
	return 0;
}

static int untar(const char *bytes, size_t count, size_t piece, struct seen *seen)
{
	static const struct untar_events events = {seen_begin, seen_data, seen_end};
	struct untar *untar = untar_create(&events, seen);
	struct err err = ERR_INIT;
	int rc = 0;

	for (size_t at = 0; at < count && !rc; at += piece)
		rc = untar_feed(untar, bytes + at, count - at < piece ? count - at : piece, &err);
	must(!rc == !*err.text);
	must(rc || !untar_complete(untar) || !seen->open);
	untar_destroy(untar);
	return rc;
}

static void compare_cuts(const char *bytes, size_t count, size_t piece)
{
	struct seen whole = {BUF_INIT, false, 0}, pieces = {BUF_INIT, false, 0};

	must(untar(bytes, count, count + 1, &whole) == untar(bytes, count, piece, &pieces));
	must(whole.notes.len == pieces.notes.len &&
	     !memcmp(whole.notes.at, pieces.notes.at, whole.notes.len));
	buf_finish(&whole.notes);
	buf_finish(&pieces.notes);
}

/* The contents that are about to be replaced. */
static void fetch_old(const char *bytes, size_t count, size_t piece)
{
	struct listing listing = {.here = NULL};
	struct plan_entry entries[sizeof(suffixes) / sizeof(*suffixes)] = {{.what = PLAN_SAME}};
	struct plan plan = {.at = entries, .count = sizeof(suffixes) / sizeof(*suffixes)};
	struct buf names = BUF_INIT;
	struct err err = ERR_INIT;
	struct olds *olds;

	fill_tree(&listing);
	for (size_t i = 0; i < plan.count; i++)
		entries[i] =
		    (struct plan_entry){.what = PLAN_CHANGE, .mode = S_IFREG | 0644, .size = 3};
	olds = olds_create(&plan, &listing.names, "top", &names);
	must(olds != NULL);
	for (size_t at = 0; at < count; at += piece)
		if (olds_feed(olds, bytes + at, count - at < piece ? count - at : piece, &err))
			break;
	for (size_t i = 0; i < plan.count; i++) {
		must(olds_length(olds, i) <= OLD_FILE_MAX);
		must(olds_at(olds, i)->wanted == (listing.names.at[i].type == TREE_FILE));
		must(olds_at(olds, i)->wanted || !olds_length(olds, i));
	}
	olds_destroy(olds);
	listing_finish(&listing);
	buf_finish(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *copy;
	size_t piece;

	if (count < 2)
		return 0;
	count -= 2;
	copy = mem_text_n((const char *)bytes + 2, count);
	piece = 1 + (size_t)bytes[1] * 3;
	switch (*bytes % 4) {
	case 0:
		look(copy, count, bytes[1]);
		break;
	case 1:
		list_names(copy, count);
		break;
	case 2:
		mend_sums(copy, count);
		compare_cuts(copy, count, piece);
		break;
	default:
		mend_sums(copy, count);
		fetch_old(copy, count, piece);
	}
	free(copy);
	return 0;
}
