/* Any bytes, cut anywhere, must give the same records or the same error; written again, the same
 * fields. */
#include "lib/flow/record.h"

#include "lib/base/quote.h"
#include "tests/fuzz/fuzz.h"

/* Notes each record in a form that shows where every field begins and ends. */
static int note(void *ctx, const struct record *record, struct err *err)
{
	struct buf *notes = ctx;

	(void)err;
	must(record->count > 0 && record->line > 0);
	buf_format(notes, "%ld:%zu", record->line, record->count);
	for (size_t i = 0; i < record->count; i++) {
		must(!record->fields[i].at[record->fields[i].len]);
		buf_format(notes, ":%zu:", record->fields[i].len);
		buf_add(notes, record->fields[i].at, record->fields[i].len);
	}
	return 0;
}

static int read_in_pieces(const char *bytes, size_t count, size_t piece, size_t max_fields,
			  struct buf *notes, struct err *err)
{
	struct record_reader *reader = record_reader_create("fuzz", max_fields, note, notes);
	int result = 0;

	for (size_t at = 0; at < count && !result; at += piece)
		result =
		    record_feed(reader, bytes + at, count - at < piece ? count - at : piece, err);
	if (!result)
		result = record_end(reader, err);
	record_reader_destroy(reader);
	return result;
}

static void check_escape(const char *bytes, size_t count)
{
	struct buf field = BUF_INIT;
	struct buf back = BUF_INIT;

	quote_field(&field, bytes, count);
	for (size_t i = 0; i < field.len; i++)
		must((unsigned char)field.at[i] >= ' ' && field.at[i] != 0x7f);
	unquote_field(&back, field.at, field.len);
	must(back.len == count && !memcmp(back.at, bytes, count));
	buf_clear(&back);
	unquote_field(&back, bytes, count);
	must(back.len <= count);
	buf_finish(&field);
	buf_finish(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	const char *stream = (const char *)bytes + 1;
	struct buf whole = BUF_INIT;
	struct buf pieces = BUF_INIT;
	struct err whole_err = ERR_INIT;
	struct err pieces_err = ERR_INIT;
	size_t max_fields;
	int result;

	if (!count)
		return 0;
	count--;
	max_fields = bytes[0] % 4;
	result = read_in_pieces(stream, count, count + 1, max_fields, &whole, &whole_err);
	must(result ==
	     read_in_pieces(stream, count, 1 + bytes[0] / 4, max_fields, &pieces, &pieces_err));
	must(whole.len == pieces.len && !memcmp(whole.at, pieces.at, whole.len));
	must(!strcmp(whole_err.text, pieces_err.text) && !result == !*whole_err.text);
	must(!result || !strncmp(whole_err.text, "fuzz:", 5));
	check_escape(stream, count);
	buf_finish(&whole);
	buf_finish(&pieces);
	return 0;
}
