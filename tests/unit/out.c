#include "lib/flow/out.h"
#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "tests/unit/tap.h"

#include <signal.h>
#include <unistd.h>

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},   {"host", OUT_TEXT, false}, {"port", OUT_INT, false},
    {"load", OUT_REAL, false}, {"up", OUT_BOOL, false},	  {"tags", OUT_LIST, false},
    {"facts", OUT_RAW, true},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const char *const full[] = {
    "web-1", "10.0.0.1", "22", "0.5", "1", "a,b c", "{\n \"x\": [1, 2],\n \"a\": \"\\u00e9\"}"};
static const char *const hostile[] = {
    "#x\ty",  "\x1b[31m\"\\\n\xc3\xa9\xff\xe2\x80\xae", "22; rm", "nan", "maybe", ",a\x01,",
    "{broken"};
static const char *const missing[] = {"db", NULL, NULL, NULL, NULL, NULL, NULL};

static void read_back(FILE *file, struct buf *text)
{
	char bytes[4096];
	size_t size;

	rewind(file);
	while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_add(text, bytes, size);
}

/* Prints the three rows in that form and compares. */
static void prints(struct out_args args, const char *want, const char *name)
{
	struct buf got = BUF_INIT;
	struct err err = ERR_INIT;
	FILE *file = tmpfile();
	struct out *out = out_create(file, &args, columns, COLUMNS, &err);

	out_row(out, full);
	out_row(out, hostile);
	out_row(out, missing);
	tap_int(out_finish(out, &err), 0, "printing goes well");
	read_back(file, &got);
	tap_text(got.at, want, name);
	fclose(file);
	buf_finish(&got);
}

static void test_tsv(void)
{
	prints(
	    (struct out_args){.form = NULL},
	    "web-1\t10.0.0.1\t22\t0.5\ttrue\ta,b c\n"
	    "\\x23x\\ty\t\\x1b[31m\"\\\\\\n\xc3\xa9\xff\xe2\x80\xae\t22; rm\tnan\tmaybe\t,a\\x01,\n"
	    "db\t\t\t\t\t\n",
	    "records where the output is no terminal");
	prints((struct out_args){.form = "tsv", .header = true, .columns = "port, id,facts"},
	       "#port\tid\tfacts\n"
	       "22\tweb-1\t{\\n \"x\": [1, 2],\\n \"a\": \"\\\\u00e9\"}\n"
	       "22; rm\t#x\\ty\t{broken\n"
	       "\tdb\t\n",
	       "a header and chosen columns, the hidden one too");
}

static void test_json(void)
{
	prints(
	    (struct out_args){.json = true, .header = true},
	    "{\"id\":\"web-1\",\"host\":\"10.0.0.1\",\"port\":22,\"load\":0.5,\"up\":true,"
	    "\"tags\":[\"a\",\"b c\"]}\n"
	    "{\"id\":\"#x\\ty\",\"host\":\"\\u001B["
	    "31m\\\"\\\\\\n\xc3\xa9\xef\xbf\xbd\xe2\x80\xae\","
	    "\"port\":\"22; rm\",\"load\":\"nan\",\"up\":\"maybe\",\"tags\":[\"a\\u0001\"]}\n"
	    "{\"id\":\"db\",\"host\":null,\"port\":null,\"load\":null,\"up\":null,\"tags\":[]}\n",
	    "JSON with types");
	prints((struct out_args){.form = "json", .columns = "facts"},
	       "{\"facts\":{\"x\":[1,2],\"a\":\"\xc3\xa9\"}}\n"
	       "{\"facts\":\"{broken\"}\n"
	       "{\"facts\":null}\n",
	       "JSON in JSON, on one line");
}

static void test_numbers(void)
{
	static const struct out_column number[] = {{"n", OUT_REAL, false}, {"i", OUT_INT, false}};
	static const char *const texts[] = {"0",  "-0", "12", "-1.5e+10", "1E5", "01", "1.", ".5",
					    "1e", "-",	"",   "+1",	  "0x1", "1 ", "1.5",
					    "9223372036854775807", "9223372036854775808", "1e999"};
	static const char want[] = "{\"n\":0,\"i\":0}\n"
				   "{\"n\":-0,\"i\":-0}\n"
				   "{\"n\":12,\"i\":12}\n"
				   "{\"n\":-1.5e+10,\"i\":\"-1.5e+10\"}\n"
				   "{\"n\":1E5,\"i\":\"1E5\"}\n"
				   "{\"n\":\"01\",\"i\":\"01\"}\n"
				   "{\"n\":\"1.\",\"i\":\"1.\"}\n"
				   "{\"n\":\".5\",\"i\":\".5\"}\n"
				   "{\"n\":\"1e\",\"i\":\"1e\"}\n"
				   "{\"n\":\"-\",\"i\":\"-\"}\n"
				   "{\"n\":\"\",\"i\":\"\"}\n"
				   "{\"n\":\"+1\",\"i\":\"+1\"}\n"
				   "{\"n\":\"0x1\",\"i\":\"0x1\"}\n"
				   "{\"n\":\"1 \",\"i\":\"1 \"}\n"
				   "{\"n\":1.5,\"i\":\"1.5\"}\n"
				   "{\"n\":9223372036854775807,\"i\":9223372036854775807}\n"
				   "{\"n\":\"9223372036854775808\",\"i\":\"9223372036854775808\"}\n"
				   "{\"n\":\"1e999\",\"i\":\"1e999\"}\n";
	const struct out_args args = {.json = true};
	struct buf got = BUF_INIT;
	struct err err = ERR_INIT;
	FILE *file = tmpfile();
	struct out *out = out_create(file, &args, number, 2, &err);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		out_row(out, (const char *const[]){texts[i], texts[i]});
	out_finish(out, &err);
	read_back(file, &got);
	tap_text(got.at, want, "only what JSON calls a number, and readers can hold, stands bare");
	fclose(file);
	buf_finish(&got);
}

static void test_table(void)
{
	prints((struct out_args){.form = "table", .columns = "id,host,port,up"},
	       "ID    HOST                      PORT UP\n"
	       "web-1 10.0.0.1                    22 true\n"
	       "#x\\ty \\e[31m\"\\\\n\xc3\xa9\\xff\\u{202E} 22; rm maybe\n"
	       "db                                   \n",
	       "a table aligned, with control bytes made visible");
}

/* libsmartcols cuts what is too wide, character by character. */
static void test_other_character_set(void)
{
	const struct out_args args = {.form = "table", .columns = "id,host"};
	const char *const row[] = {"web-1", NULL, NULL, NULL, NULL, NULL, NULL};
	const char *values[COLUMNS];
	struct buf got = BUF_INIT, wide = BUF_INIT;
	struct err err = ERR_INIT;
	FILE *file = tmpfile();
	struct out *out;

	setenv("LC_ALL", "C", 1);
	for (int i = 0; i < 300; i++)
		buf_text(&wide, "\xc3\xa9 \xe4\xb8\x96");
	memcpy(values, row, sizeof(row));
	values[1] = wide.at;
	out = out_create(file, &args, columns, COLUMNS, &err);
	out_row(out, values);
	tap_int(out_finish(out, &err), 0, "a table of UTF-8 where the locale is another one");
	read_back(file, &got);
	tap_ok(strstr(got.at, "web-1 \xc3\xa9 \xe4\xb8\x96") != NULL, "holds what it was given");
	fclose(file);
	buf_finish(&got);
	buf_finish(&wide);
	setenv("LC_ALL", "C.UTF-8", 1);
}

static void test_columns(void)
{
	struct err err = ERR_INIT;
	struct out_args args = {.columns = "id,hots"};
	struct out *out;

	tap_ok(!out_create(stdout, &args, columns, COLUMNS, &err) && err.status == STATUS_USAGE,
	       "an unknown column is a usage error");
	tap_text(err.text,
		 "--columns: no field is called 'hots' (there are: id, host, port, load, up, tags, "
		 "facts)",
		 "that names those there are");
	args.columns = " , ";
	tap_ok(!out_create(stdout, &args, columns, COLUMNS, &err), "so is naming none");
	tap_text(err.text, "--columns names no field", "that says so");
	args.columns = "host,facts,host";
	out = out_create(stdout, &args, columns, COLUMNS, &err);
	tap_ok(out_wants(out, 1) && out_wants(out, 6) && !out_wants(out, 0),
	       "out_wants knows what is shown");
	tap_ok(out_form(out) == OUT_TSV || isatty(STDOUT_FILENO), "out_form knows the form");
	out_finish(out, &err);
	tap_int(out_finish(NULL, &err), 0, "out_finish takes NULL");
}

static void test_full_disk(const char *form)
{
	const struct out_args args = {.form = form};
	struct err err = ERR_INIT;
	FILE *disk = fopen("/dev/full", "w");
	struct out *out = out_create(disk, &args, columns, COLUMNS, &err);

	for (int i = 0; i < 20000; i++)
		out_row(out, full);
	tap_ok(out_finish(out, &err) == -1 && err.status == STATUS_CONSOLE, form);
	tap_text(err.text, "standard output: No space left on device", "a full disk is reported");
	fclose(disk);
}

static void test_flush(void)
{
	const struct out_args args = {.form = NULL};
	struct err err = ERR_INIT;
	char bytes[200] = "";
	struct out *out;
	FILE *to;
	int ends[2];

	if (pipe(ends))
		return;
	to = fdopen(ends[1], "w");
	out = out_create(to, &args, columns, COLUMNS, &err);
	out_row(out, full);
	tap_int(out_flush(out, &err), 0, "out_flush writes the rows that are gathered");
	tap_ok(read(ends[0], bytes, sizeof(bytes) - 1) > 0 && !strncmp(bytes, "web-1\t", 6),
	       "and they are there at once");
	close(ends[0]);
	out_row(out, full);
	tap_int(out_flush(out, &err), -1, "a reader that has gone is an error");
	tap_text(err.text, "standard output: Broken pipe", "that says so");
	tap_int(out_finish(out, &err), -1, "and stays one");
	fclose(to);
}

/* How long 100,000 rows take. */
static void test_many(const char *form, int64_t limit)
{
	const struct out_args args = {.form = form};
	struct err err = ERR_INIT;
	FILE *null = fopen("/dev/null", "w");
	struct out *out = out_create(null, &args, columns, COLUMNS, &err);
	int64_t took = clock_mono_ms();

	for (int i = 0; i < 100000; i++)
		out_row(out, full);
	tap_int(out_finish(out, &err), 0, "100,000 rows are printed");
	took = clock_mono_ms() - took;
	printf("#  %s: %lld ms\n", form, (long long)took);
	tap_ok(took < limit, "in time");
	fclose(null);
}

static void test_colour(void)
{
	FILE *file = tmpfile();

	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR");
	setenv("CLICOLOR_FORCE", "1", 1);
	setenv("TERM", "xterm", 1);
	tap_ok(out_colour(file), "CLICOLOR_FORCE brings colours anywhere");
	setenv("CLICOLOR_FORCE", "0", 1);
	tap_ok(!out_colour(file), "but not when it is 0: a file has none");
	setenv("CLICOLOR_FORCE", "1", 1);
	setenv("CLICOLOR", "0", 1);
	tap_ok(out_colour(file), "CLICOLOR_FORCE is stronger than CLICOLOR");
	setenv("NO_COLOR", "1", 1);
	tap_ok(!out_colour(file), "NO_COLOR is strongest");
	setenv("NO_COLOR", "", 1);
	tap_ok(out_colour(file), "unless it is empty");
	fclose(file);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	setenv("LC_ALL", "C.UTF-8", 1);
	test_tsv();
	test_json();
	test_numbers();
	test_table();
	test_other_character_set();
	test_columns();
	test_full_disk("tsv");
	test_full_disk("json");
	test_full_disk("table");
	test_flush();
	test_many("tsv", 2000);
	test_many("json", 4000);
	test_many("table", 20000);
	test_colour();
	return tap_done();
}
