/* What the journal is made of: redaction, captured output, the log file. */
#include "lib/room/capture.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/config.h"
#include "lib/room/logfile.h"
#include "lib/room/redact.h"
#include "tests/unit/tap.h"

/* The shipped patterns. */
static struct redact *shipped(void)
{
	struct list patterns = LIST_INIT;
	struct redact *redact;
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].section, "journal") && !strcmp(keys[i].key, "redact"))
			list_split(&patterns, keys[i].value, ',');
	redact = redact_create(&patterns, NULL);
	list_finish(&patterns);
	return redact;
}

static void redacts(const struct redact *redact, const char *line, const char *want)
{
	struct buf got = BUF_INIT;

	redact_add(redact, &got, line, strlen(line));
	tap_text(got.at, want, want);
	buf_finish(&got);
}

static void test_shipped(void)
{
	struct redact *redact = shipped();
	struct buf got = BUF_INIT;

	redacts(redact, "nothing to see", "nothing to see");
	redacts(redact, "password=a PassWord: b", "password=[redacted] PassWord: [redacted]");
	redacts(redact, "{\"token\": \"a b\", \"x\": 1}", "{\"token\": [redacted], \"x\": 1}");
	redacts(redact, "DB_PASSWORD='x y'", "DB_PASSWORD=[redacted] y'");
	redacts(redact, "api_key=k;apikey : k", "api_key=[redacted] : k");
	redacts(redact, "the password is long", "the password is long");
	redacts(redact, "passwd=", "passwd=");
	redact_add(redact, &got, "a\0token=x\0y", 11);
	tap_ok(got.len == 2 + 6 + 10 && !memcmp(got.at, "a\0token=[redacted]", 18),
	       "NUL bytes hide nothing");
	buf_finish(&got);
	redact_destroy(redact);
}

static void test_patterns(void)
{
	struct list patterns = LIST_INIT;
	struct redact *redact;
	struct err err = ERR_INIT;

	list_add(&patterns, "x*");
	list_add(&patterns, "b(0)|(9)");
	redact = redact_create(&patterns, NULL);
	redacts(redact, "axxb0b9", "a[redacted][redacted]b[redacted]");
	redact_destroy(redact);
	list_add(&patterns, "[");
	tap_ok(!redact_create(&patterns, &err) && err.status == STATUS_USAGE &&
		   strstr(err.text, "'['"),
	       "a malformed pattern is named");
	list_finish(&patterns);
}

/* Feeds bytes in pieces; what is kept is opened again. */
static void captures(const struct redact *redact, const struct buf *bytes, size_t piece,
		     size_t limit, const char *name)
{
	struct capture *capture = capture_create(redact, limit);
	size_t kept = bytes->len < limit ? bytes->len : limit;
	struct captured captured;
	struct buf opened = BUF_INIT;
	unsigned char hash[CAPTURE_HASH];

	for (size_t at = 0; at < bytes->len; at += piece)
		capture_add(capture, bytes->at + at,
			    bytes->len - at < piece ? bytes->len - at : piece);
	capture_end(capture, &captured);
	crypto_hash_sha256(hash, (const unsigned char *)bytes->at, bytes->len);
	tap_ok(captured.size == (int64_t)bytes->len && captured.kept == (int64_t)kept &&
		   !memcmp(hash, captured.hash, sizeof(hash)) &&
		   (limit ? !capture_open(captured.data->at, captured.data->len, captured.kept,
					  &opened, NULL)
			  : !captured.data->len) &&
		   opened.len == kept && !memcmp(opened.at, bytes->at, kept),
	       name);
	buf_finish(&opened);
	capture_destroy(capture);
}

static void test_capture(void)
{
	struct list none = LIST_INIT;
	struct redact *redact = redact_create(&none, NULL);
	struct buf bytes = BUF_INIT;
	struct buf opened = BUF_INIT;
	struct err err = ERR_INIT;

	captures(redact, &bytes, 1, 100, "nothing at all");
	for (int i = 0; i < 40000; i++)
		buf_format(&bytes, "%d%c", i * 7919 % 10007, i % 5 ? ' ' : '\n');
	captures(redact, &bytes, 1, 1 << 20, "byte by byte");
	captures(redact, &bytes, 1000, 0, "the hash alone");
	captures(redact, &bytes, 100000, 4096, "the head");
	buf_clear(&bytes);
	for (int i = 0; i < 200000; i++)
		buf_char(&bytes, (char)((unsigned)i * (unsigned)i / 7));
	captures(redact, &bytes, 70001, 1 << 20,
		 "bytes of any kind, lines longer than the longest");
	tap_ok(capture_open("junk", 4, 10, &opened, &err) && err.status == STATUS_CONSOLE,
	       "damaged data is told");
	buf_finish(&opened);
	buf_finish(&bytes);
	redact_destroy(redact);
}

/* How many lines of a file are whole: "WRITER NUMBER end". */
static int count_lines(const char *path)
{
	struct buf bytes = BUF_INIT;
	int count = 0;

	if (io_read_file(path, 1 << 24, &bytes, NULL))
		return 0;
	for (char *line = bytes.at; line && *line; count++) {
		char *end = strchr(line, '\n');
		int writer, number, used = 0;

		if (!end || sscanf(line, "%d %d end%n", &writer, &number, &used) != 2 ||
		    line + used != end)
			return -1000000;
		line = end + 1;
	}
	buf_finish(&bytes);
	return count;
}

static void test_logfile(const char *root)
{
	enum { WRITERS = 16, LINES = 500, KEEP = 1000 };
	char *path = mem_format("%s/log", root);
	int status, failed = 0, total;

	for (int writer = 0; writer < WRITERS; writer++) {
		struct logfile *log;
		char line[64];

		if (fork())
			continue;
		log = logfile_open(path, 1024, KEEP, NULL);
		for (int number = 0; number < LINES; number++) {
			int size = snprintf(line, sizeof(line), "%d %d end\n", writer, number);

			if (!log || logfile_write(log, line, (size_t)size, NULL))
				_exit(1);
		}
		logfile_close(log);
		_exit(0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	tap_int(failed, 0, "16 processes write to a log that is put away every kilobyte");
	total = count_lines(path);
	for (int number = 1; number <= KEEP; number++) {
		char *old = mem_format("%s.%d", path, number);

		total += count_lines(old);
		free(old);
	}
	tap_int(total, (long long)WRITERS * LINES, "no line is lost or torn");
	free(path);
}

int main(void)
{
	char root[] = "/tmp/mroom-journal.XXXXXX";
	char *command[] = {"rm", "-rf", root, NULL};

	if (!mkdtemp(root))
		return 1;
	test_shipped();
	test_patterns();
	test_capture();
	test_logfile(root);
	if (!fork())
		execvp(*command, command);
	wait(NULL);
	return tap_done();
}
