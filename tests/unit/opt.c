#include "lib/base/opt.h"
#include "lib/base/buf.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <unistd.h>

struct args {
	bool quiet;
	int verbose;
	long fanout;
	long any;
	const char *user;
	struct list where;
	int64_t timeout;
	int64_t size;
	const char *form;
	const char *pass;
};

static const struct opt target_opts[] = {{.letter = 'w',
					  .type = OPT_LIST,
					  .offset = offsetof(struct args, where),
					  .arg = "LIST",
					  .help = "servers to act on",
					  .complete = "targets"},
					 {.letter = 'l',
					  .name = "user",
					  .type = OPT_TEXT,
					  .offset = offsetof(struct args, user),
					  .arg = "USER",
					  .help = "log in as this user"},
					 {.type = OPT_END}};

static const struct opt run_opts[] = {
    {.letter = 'f',
     .name = "fanout",
     .type = OPT_INT,
     .offset = offsetof(struct args, fanout),
     .arg = "N",
     .help = "servers at once",
     .min = 1,
     .max = 65535},
    {.name = "any", .type = OPT_INT, .offset = offsetof(struct args, any), .help = "any number"},
    {.letter = 't',
     .name = "connect-timeout",
     .type = OPT_TIME,
     .offset = offsetof(struct args, timeout),
     .arg = "TIME",
     .help = "give up connecting after this"},
    {.name = "buffer", .type = OPT_SIZE, .offset = offsetof(struct args, size), .help = "memory"},
    {.letter = 'q',
     .name = "quiet",
     .type = OPT_FLAG,
     .offset = offsetof(struct args, quiet),
     .help = "say less"},
    {.letter = 'v',
     .name = "verbose",
     .type = OPT_COUNT,
     .offset = offsetof(struct args, verbose),
     .help = "say more"},
    {.letter = 'o',
     .name = "output",
     .type = OPT_CHOICE,
     .offset = offsetof(struct args, form),
     .arg = "FORM", /* the choices say more */
     .help = "form of the results",
     .choices = "table|tsv|json"},
    {.name = "pass",
     .type = OPT_MAYBE,
     .offset = offsetof(struct args, pass),
     .arg = "OUTCOMES",
     .help = "print ids as they end",
     .complete = "outcomes"},
    {.type = OPT_END}};

static const struct opt no_opts[] = {{.type = OPT_END}};

/* What one parse came to. */
struct parsed {
	struct args args;
	enum opt_result result;
	struct err err;
	int operands;
	bool dashes;
	int argc;
	char *argv[16];
};

/* Parses the words of a NULL-ended list. */
static struct parsed parse(bool stop, const char *const *words)
{
	static const char *const examples[] = {"mroom exec -w web* -- uptime", NULL};
	struct parsed parsed = {.operands = -1, .argv = {(char *)"exec"}, .argc = 1};
	const struct opt_group groups[] = {{"Targets", target_opts, &parsed.args},
					   {"Nothing", no_opts, NULL},
					   {"Running", run_opts, &parsed.args}};
	const struct opt_spec spec = {.command = "mroom exec",
				      .args = "[TARGETS]",
				      .about = "Run a command on servers.",
				      .operand_complete = "targets",
				      .stop_at_operand = stop,
				      .groups = groups,
				      .group_count = 3,
				      .examples = examples};

	for (; *words; words++)
		parsed.argv[parsed.argc++] = (char *)*words;
	parsed.result = opt_parse(&spec, parsed.argc, parsed.argv, &parsed.operands, &parsed.dashes,
				  &parsed.err);
	return parsed;
}

#define PARSE(...) parse(false, (const char *const[]){__VA_ARGS__, NULL})
#define PARSE_STOP(...) parse(true, (const char *const[]){__VA_ARGS__, NULL})

/* The operands joined by '|' are `want`. */
static void operands(struct parsed parsed, const char *want, bool dashes, const char *name)
{
	struct buf got = BUF_INIT;

	for (int i = parsed.operands; i < parsed.argc; i++)
		buf_format(&got, "%s%s", i == parsed.operands ? "" : "|", parsed.argv[i]);
	tap_text(got.at, want, name);
	tap_ok(parsed.result == OPT_RUN && parsed.dashes == dashes,
	       dashes ? "after --" : "without --");
	buf_finish(&got);
	list_finish(&parsed.args.where);
}

static void test_values(void)
{
	struct parsed got = PARSE("-qvv", "-w", "a", "-wb,c", "-f10", "--user=ann", "-t", "500ms",
				  "--buffer", "4k", "-ojson", "--pass", "--any", "-0", "--verbose");
	struct parsed other = PARSE("--pass=ok,failed", "-l", "ann", "--user", "", "-l=x", "-f",
				    "1", "--fanout=2", "-q", "--any=123456789012");

	tap_ok(got.result == OPT_RUN && other.result == OPT_RUN, "all is read");
	tap_ok(got.args.quiet && got.args.verbose == 3, "flags and counts in one word");
	tap_ok(got.args.where.count == 2 && !strcmp(got.args.where.at[0], "a") &&
		   !strcmp(got.args.where.at[1], "b,c"),
	       "a list keeps each value whole");
	tap_int(got.args.fanout, 10, "a number next to its letter");
	tap_text(got.args.user, "ann", "a value behind =");
	tap_int(got.args.timeout, 500, "a time");
	tap_int(got.args.size, 4096, "a size");
	tap_text(got.args.form, "json", "a choice");
	tap_text(got.args.pass, "", "an optional value left out");
	tap_int(got.args.any, 0, "a value may begin with a dash");
	tap_text(other.args.pass, "ok,failed", "an optional value given");
	tap_text(other.args.user, "=x", "the last text wins, and a letter knows no =");
	tap_int(other.args.fanout, 2, "the last number wins");
	tap_ok(other.args.any == 123456789012, "a number without bounds");
	list_finish(&got.args.where);
	list_finish(&other.args.where);
}

static void test_operands(void)
{
	operands(PARSE("a", "-q", "b", "-w", "x", "c"), "a|b|c", false,
		 "operands are moved behind the options, in order");
	operands(PARSE("a", "--", "-q", "--help"), "a|-q|--help", true, "-- ends the options");
	operands(PARSE("-q"), "", false, "no operands");
	operands(PARSE("--"), "", true, "-- alone");
	operands(PARSE("-", "-q"), "-", false, "- is an operand");
	operands(PARSE("", "-q"), "", false, "the empty word is an operand");
	operands(PARSE("-w", "--", "a"), "a", false, "-- can be a value");
	operands(PARSE_STOP("-q", "ls", "-l", "--", "x"), "ls|-l|--|x", false,
		 "the first operand ends the options where it shall");
	operands(PARSE_STOP("-q", "--", "ls", "--help"), "ls|--help", true, "or -- does");
	operands(PARSE_STOP("--", "--"), "--", true, "the second -- is an operand");
}

static void refuses(struct parsed parsed, const char *message)
{
	tap_text(parsed.err.text, message, message);
	tap_ok(parsed.result == OPT_BAD && parsed.err.status == STATUS_USAGE, "is a usage error");
	list_finish(&parsed.args.where);
}

static void test_errors(void)
{
	refuses(PARSE("--fanot", "5"), "unknown option --fanot (did you mean --fanout?)");
	refuses(PARSE("--xyzzy=5"), "unknown option --xyzzy (see mroom exec --help)");
	refuses(PARSE("-Z"), "unknown option -Z (see mroom exec --help)");
	refuses(PARSE("-qZ"), "unknown option -Z (see mroom exec --help)");
	refuses(PARSE("-f", "x"), "-f: 'x' is not a number from 1 to 65535");
	refuses(PARSE("-f0"), "-f: '0' is not a number from 1 to 65535");
	refuses(PARSE("--fanout=65536"), "--fanout: '65536' is not a number from 1 to 65535");
	refuses(PARSE("--fanout="), "--fanout: '' is not a number from 1 to 65535");
	refuses(PARSE("-f", "--"), "-f: '--' is not a number from 1 to 65535");
	refuses(PARSE("--any", "-1"), "--any: '-1' is not a number from 0 up");
	refuses(PARSE("-w"), "-w needs a value");
	refuses(PARSE("-qw"), "-w needs a value");
	refuses(PARSE("--user"), "--user needs a value");
	refuses(PARSE("--quiet=yes"), "--quiet takes no value");
	refuses(PARSE("--verbose="), "--verbose takes no value");
	refuses(PARSE("-t", "soon"),
		"-t: 'soon' is not a duration (such as 500ms, 10s, 2m, 1h, 1d)");
	refuses(PARSE("--buffer=big"),
		"--buffer: 'big' is not a size (such as 4096, 64k, 10M, 1G)");
	refuses(PARSE("-o", "xml"), "-o: 'xml' is none of table, tsv, json");
	refuses(PARSE("-o", ""), "-o: '' is none of table, tsv, json");
	refuses(PARSE("a", "--nope"), "unknown option --nope (see mroom exec --help)");
	refuses(PARSE("--help=x"), "--help takes no value");
	refuses(PARSE("--hlep"), "unknown option --hlep (did you mean --help?)");
}

static void test_untouched(void)
{
	struct parsed got = PARSE("a", "-q", "--bad");

	tap_ok(got.result == OPT_BAD && !strcmp(got.argv[1], "a") && !strcmp(got.argv[2], "-q"),
	       "after an error the arguments are as they were");
}

/* Runs the parse with standard output in a file, and reads that. */
static enum opt_result shown(struct buf *text, bool stop, const char *const *words)
{
	FILE *file = tmpfile();
	struct parsed parsed;
	char bytes[4096];
	size_t size;
	int saved;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	parsed = parse(stop, words);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	buf_clear(text);
	while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_add(text, bytes, size);
	fclose(file);
	list_finish(&parsed.args.where);
	return parsed.result;
}

static const char help_text[] = "Usage: mroom exec [OPTIONS] [TARGETS]\n"
				"Run a command on servers.\n"
				"\n"
				"Targets:\n"
				"  -w LIST                      servers to act on\n"
				"  -l, --user USER              log in as this user\n"
				"\n"
				"Running:\n"
				"  -f, --fanout N               servers at once\n"
				"      --any VALUE              any number\n"
				"  -t, --connect-timeout TIME   give up connecting after this\n"
				"      --buffer VALUE           memory\n"
				"  -q, --quiet                  say less\n"
				"  -v, --verbose                say more\n"
				"  -o, --output table|tsv|json  form of the results\n"
				"      --pass[=OUTCOMES]        print ids as they end\n"
				"\n"
				"General:\n"
				"  -h, --help                   show this help\n"
				"\n"
				"Examples:\n"
				"  mroom exec -w web* -- uptime\n";

static const char list_text[] =
    "w\t\tlist\tLIST\ttargets\tservers to act on\n"
    "l\tuser\ttext\tUSER\t\tlog in as this user\n"
    "f\tfanout\tint\tN\t\tservers at once\n"
    "\tany\tint\tVALUE\t\tany number\n"
    "t\tconnect-timeout\ttime\tTIME\t\tgive up connecting after this\n"
    "\tbuffer\tsize\tVALUE\t\tmemory\n"
    "q\tquiet\tflag\t\t\tsay less\n"
    "v\tverbose\tcount\t\t\tsay more\n"
    "o\toutput\tchoice\ttable|tsv|json\ttable|tsv|json\tform of the results\n"
    "\tpass\tmaybe\tOUTCOMES\toutcomes\tprint ids as they end\n"
    "h\thelp\tflag\t\t\tshow this help\n"
    "\t\toperand\t[TARGETS]\ttargets\tRun a command on servers.\n";

static void test_shown(void)
{
	static const char *const help[] = {"a", "-q", "-f3", "--help", "--nope", NULL};
	static const char *const letter[] = {"-qh", NULL};
	static const char *const list[] = {"--list-options", NULL};
	static const char *const late[] = {"ls", "--help", NULL};
	static const char *const dashes[] = {"--", "--help", "--list-options", NULL};
	struct buf text = BUF_INIT;

	tap_ok(shown(&text, false, help) == OPT_SHOWN, "--help is answered wherever it stands");
	tap_text(text.at, help_text, "with aligned help, group by group");
	tap_ok(shown(&text, false, letter) == OPT_SHOWN, "-h is help where no table uses it");
	tap_text(text.at, help_text, "the same help");
	tap_ok(shown(&text, true, list) == OPT_SHOWN, "--list-options is answered");
	tap_text(text.at, list_text, "with a line per option");
	tap_ok(shown(&text, true, late) == OPT_RUN && !text.len,
	       "--help behind the first operand is the command's");
	tap_ok(shown(&text, false, dashes) == OPT_RUN && !text.len,
	       "--help behind -- is an operand");
	buf_finish(&text);
}

/* The words of a group, each in angle brackets. */
static char *words_of(const struct opt *opts, void *into)
{
	const struct opt_group group = {"Group", opts, into};
	struct list words = LIST_INIT;
	char *text;

	opt_words(&group, &words);
	text = list_join(&words, " ");
	list_finish(&words);
	return text;
}

static void test_words(void)
{
	static const char *const given[] = {"-w",      "a,b",	   "-w",	"c d", "-l",
					    "me",      "-f7",	   "-t2m",	"-vv", "-q",
					    "--pass", "-ojson", "--buffer=2k", NULL};
	struct parsed parsed = parse(false, given);
	char *targets = words_of(target_opts, &parsed.args);
	char *running = words_of(run_opts, &parsed.args);
	struct args nothing = {.quiet = false};
	char *none = words_of(run_opts, &nothing);

	tap_text(targets, "-wa,b -wc d --user=me", "values become words again");
	tap_text(running,
		 "--fanout=7 --connect-timeout=120000ms --buffer=2048 --quiet --verbose --verbose "
		 "--output=json --pass",
		 "of every type");
	tap_text(none, "", "what was not given becomes none");
	free(targets);
	free(running);
	free(none);
	list_finish(&parsed.args.where);
}

int main(void)
{
	test_values();
	test_words();
	test_operands();
	test_errors();
	test_untouched();
	test_shown();
	return tap_done();
}
