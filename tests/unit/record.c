#include "lib/flow/record.h"
#include "lib/base/mem.h"
#include "tests/unit/tap.h"

/* Writes down each record as "LINE:field|field;". */
static int note(void *ctx, const struct record *record, struct err *err)
{
	struct buf *notes = ctx;

	buf_format(notes, "%ld:", record->line);
	for (size_t i = 0; i < record->count; i++) {
		if (i)
			buf_char(notes, '|');
		buf_add(notes, record->fields[i].at, record->fields[i].len);
	}
	buf_char(notes, ';');
	if (!strcmp(record->fields[0].at, "stop"))
		return err_set(err, STATUS_FAILED, "stopped at %s:%ld", record->source,
			       record->line);
	return 0;
}

/* Reads the stream in pieces of that many bytes. */
static int read_in_pieces(const char *stream, size_t size, size_t piece, size_t max_fields,
			  struct buf *notes, struct err *err)
{
	struct record_reader *reader = record_reader_create("stdin", max_fields, note, notes);
	int result = 0;

	for (size_t at = 0; at < size && !result; at += piece)
		result =
		    record_feed(reader, stream + at, size - at < piece ? size - at : piece, err);
	if (!result)
		result = record_end(reader, err);
	record_reader_destroy(reader);
	return result;
}

/* The stream gives these records, however it is cut. */
static void reads(const char *stream, size_t size, size_t max_fields, const char *want,
		  size_t want_size, const char *name)
{
	struct buf notes = BUF_INIT;
	struct err err = ERR_INIT;
	bool right = true;

	for (size_t piece = 1; piece <= size + 1; piece++) {
		buf_clear(&notes);
		right = right && !read_in_pieces(stream, size, piece, max_fields, &notes, &err) &&
			notes.len == want_size && !memcmp(notes.at, want, want_size);
		if (!right)
			break;
	}
	tap_ok(right, name);
	if (!right) {
		tap_show("got ", notes.at, notes.len);
		tap_show("want", want, want_size);
		printf("#  %s\n", err.text);
	}
	buf_finish(&notes);
}

#define READS(stream, max_fields, want, name) \
	reads(stream, sizeof(stream) - 1, max_fields, want, sizeof(want) - 1, name)

static void test_reading(void)
{
	READS("", 0, "", "an empty stream has no records");
	READS("web1\nweb2\n", 0, "1:web1;2:web2;", "one field a line");
	READS("web1", 0, "1:web1;", "the last newline may be missing");
	READS("a\tb\tc\n", 0, "1:a|b|c;", "fields are separated by TAB");
	READS("a\t\t\n\tb\n", 0, "1:a||;2:|b;", "fields may be empty");
	READS("# note\n\nweb1\n#x\n\n", 0, "3:web1;", "comments and empty lines are skipped");
	READS("web1\r\nweb2\r\n\r\nweb3\r", 0, "1:web1;2:web2;4:web3;", "CRLF is tolerated");
	READS("\xef\xbb\xbfweb1\n\xef\xbb\xbfx\n", 0, "1:web1;2:\xef\xbb\xbfx;",
	      "a byte order mark at the beginning is skipped");
	READS("a\\tb\tc\\\\\\x00d\n", 0, "1:a\tb|c\\\0d;", "fields are unescaped");
	READS("a\0b\tc\n", 0, "1:a\0b|c;", "a field may hold NUL");
	READS("a\tb\\t\tc\\t\n", 2, "1:a|b\\t\tc\\t;", "the last of a limit is the rest, verbatim");
	READS("a\tb\\t\n", 2, "1:a|b\\t;", "with or without TAB in it");
	READS("a\n", 2, "1:a;", "fewer fields than the limit");
	READS("\\x23a\n\\x7bb\n", 0, "1:#a;2:{b;",
	      "an escaped beginning is no comment and no JSON");
	READS("{\"id\":\"web1\",\"port\":22}\nweb2\n", 0,
	      "1:web1|{\"id\":\"web1\",\"port\":22};2:web2;",
	      "a JSON object gives its id and text");
	READS("{\"id\": 7}\r\n", 0, "1:7|{\"id\": 7};", "an id may be a number");
	READS("{\"port\":22,\"id\":\"\\u00e9\\n\"}\n", 0,
	      "1:\xc3\xa9\n|{\"port\":22,\"id\":\"\\u00e9\\n\"};", "JSON escapes are read");
}

static void refuses(const char *stream, size_t size, const char *message, const char *name)
{
	struct buf notes = BUF_INIT;
	struct err err = ERR_INIT;

	tap_int(read_in_pieces(stream, size, 7, 0, &notes, &err), -1, name);
	tap_text(err.text, message, message);
	buf_finish(&notes);
}

static void test_errors(void)
{
	struct buf notes = BUF_INIT;
	struct err err = ERR_INIT;
	char *line = mem_alloc((1 << 20) + 2);

	refuses("a\n{\"id\":\n", 9, "stdin:2: not a JSON object: unexpected token near end of file",
		"half an object");
	refuses("{\"id\":\"\"}\n", 10, "stdin:1: the JSON object has no \"id\"", "an empty id");
	refuses("{\"name\":\"x\"}", 12, "stdin:1: the JSON object has no \"id\"", "no id");
	refuses("{\"id\":[1]}", 10, "stdin:1: the JSON object has no \"id\"",
		"an id that is a list");
	refuses("{\"id\":\"a\xff\"}", 11,
		"stdin:1: not a JSON object: unable to decode byte 0xff near '\"a'",
		"JSON that is no UTF-8");
	refuses("ok\nstop\nmore\n", 13, "stopped at stdin:2", "the caller's own error");

	memset(line, 'x', (1 << 20) + 2);
	tap_ok(!read_in_pieces(line, 1 << 20, 4096, 0, &notes, &err) && notes.len == (1 << 20) + 3,
	       "a line of 1 MiB is read");
	tap_int(read_in_pieces(line, (1 << 20) + 2, 4096, 0, &notes, &err), -1,
		"a longer one is refused, though its end has not come");
	tap_text(err.text, "stdin:1: the line is longer than 1 MiB", "with its place");
	free(line);
	buf_finish(&notes);
}

static void test_writing(void)
{
	static const char *const fields[] = {"web1", NULL, "a\tb\\\n", "#", "{"};
	static const char *const comment[] = {"#web1"};
	static const char *const object[] = {"{", "{"};
	struct buf line = BUF_INIT;

	record_write(&line, fields, 5);
	tap_text(line.at, "web1\t\ta\\tb\\\\\\n\t#\t{\n", "a record is one line");
	buf_clear(&line);
	record_write(&line, comment, 1);
	record_write(&line, object, 2);
	tap_text(line.at, "\\x23web1\n\\x7b\t{\n",
		 "the first field cannot begin a comment or JSON");
	buf_finish(&line);
}

/* Random records of random bytes are read back as they were written. */
static void test_round_trip(void)
{
	static const char bytes[] = "ab\t\n\r\\#{}\x01\x7f\xff\xc3\xa9x0";
	struct buf stream = BUF_INIT;
	struct buf want = BUF_INIT;
	struct buf got = BUF_INIT;
	struct err err = ERR_INIT;
	unsigned long seed = 1;
	char text[4][8];
	const char *const fields[] = {text[0], text[1], text[2], text[3]};

	for (long line = 1; line <= 5000; line++) {
		buf_format(&want, "%ld:", line);
		for (size_t i = 0; i < 4; i++) {
			size_t size = 0;

			for (; size < 7; size++) {
				seed = seed * 6364136223846793005UL + 1442695040888963407UL;
				text[i][size] = bytes[(seed >> 33) % sizeof(bytes)]; /* NUL ends */
			}
			text[i][7] = '\0';
			buf_format(&want, "%s%s", i ? "|" : "", text[i]);
		}
		buf_char(&want, ';');
		record_write(&stream, fields, 4);
	}
	tap_ok(!read_in_pieces(stream.at, stream.len, 1000, 0, &got, &err),
	       "random records are read");
	tap_bytes(got.at, got.len, want.at, want.len, "as they were written");
	buf_finish(&stream);
	buf_finish(&want);
	buf_finish(&got);
}

int main(void)
{
	record_reader_destroy(NULL);
	test_reading();
	test_errors();
	test_writing();
	test_round_trip();
	return tap_done();
}
