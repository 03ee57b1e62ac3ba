"""Names that Twinlake gave up for the words of its field, and the names in their place.

The glossary in CONTRIBUTING.md defines the words. Many old names are also ordinary English, or names of
libraries: a row says in which files its word is Twinlake's, and which phrases around it mean something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

RUST = ("*.rs",)
PYTHON = ("*.py",)
CODE = (*RUST, *PYTHON)
MARKDOWN = ("*.md",)
YAML = ("*.yaml", "*.yml")
HCL = ("*.tf", "*.hcl", "*.tfvars")
SCRIPTS = ("scripts/*", ".ci/*")
END_TO_END = ("tests/e2e/*", "tests/bench/*")
# Files that speak of the lake. The local AWS (local/*) is a program of its own, with a vocabulary of its own.
OURS = (*RUST, *MARKDOWN, *HCL, *YAML, *SCRIPTS, *END_TO_END, "*.toml")

# Files in which old names are allowed, with the reason.
EXEMPT = {
    "CHANGELOG.md": "lists the names that have changed",
    "LICENSE": "not ours",
    "Cargo.lock": "names of other packages",
    "tests/repository/*.py": "the table and its tests",
}


@dataclass(frozen=True)
class Word:
    """An old name as a regular expression over a line, and the name in its place."""

    pattern: str
    instead: str
    # Samples of the old name.
    old: tuple[str, ...]
    # Globs of the files in which the name is Twinlake's; all files if empty.
    only: tuple[str, ...] = ()
    # Regular expressions of phrases around the name that mean something else.
    phrases: tuple[str, ...] = ()
    # Samples of those phrases, and of names that resemble the old one.
    fine: tuple[str, ...] = ()
    # Globs of files in which the word means something else, with the reason.
    allowed: tuple[tuple[str, str], ...] = ()

    def applies_to(self, path: str) -> bool:
        """Reports whether the word is Twinlake's in a file."""
        if any(fnmatchcase(path, glob) for glob, _ in self.allowed):
            return False
        return not self.only or any(fnmatchcase(path, glob) for glob in self.only)

    def may_be_in(self, text: str) -> bool:
        """Reports whether a line of a text may hold the old name: one search, not one for each line."""
        return re.search(self.pattern, text, re.MULTILINE) is not None

    def found_in(self, line: str) -> str | None:
        """The old name in a line, if it is there outside of the phrases."""
        for phrase in self.phrases:
            line = re.sub(phrase, " ", line)
        found = re.search(self.pattern, line)
        return found.group().strip() if found else None


WORDS = (
    # ---- the stream, in the words of Kinesis and the KCL
    Word(
        r"(?<![A-Za-z0-9])_position\b",
        "_sequence_number",
        old=('"_position"', "SELECT _position FROM raw"),
        fine=("starting_position = TRIM_HORIZON", "array_position(x, 1)", "bar.set_position(before)"),
    ),
    Word(
        r"(?:\bstruct |\bimpl |\bfor |->\s*&?|(?<!:):\s*&?|<&?)Positions?\b|\bposition::Position\b"
        r"|(?<![:\w])Position::\w",
        "SequenceNumber",
        old=("pub struct Position(", "fn after(&self) -> Position", "last: Position,", "Position::START"),
        only=RUST,
        fine=("csv::Position::line", "ColumnField::Position(_) => None", "/// Position named by the record."),
    ),
    Word(
        r"\bpositions?\b|\w+_positions?\b|\bpositions?_\w+",
        "sequence number",
        old=("the position up to which", "last_position", "positions_of(shard)", "pub position: u64"),
        only=("crates/lake/*", "functions/*"),
        phrases=(r"\.r?position\(", r"\bstarting_position\b"),
        fine=("names.iter().position(|name| name == x)", "starting_position", "disposition"),
    ),
    Word(
        r"(?<![A-Za-z0-9])_sub\b",
        "_subsequence_number",
        old=('"_sub"', "SELECT _sub, _line"),
        fine=("left.checked_sub(1)", "x.saturating_sub(y)", "_subsequence_number", "re.sub(a, b)"),
    ),
    Word(
        r"\bsub:\s*(?:i64|u64|u32|usize)\b|\.sub\b(?!\()",
        "subsequence_number",
        old=("pub sub: i64,", "row.sub,"),
        only=RUST,
        fine=("a.sub(b)", "std::ops::Sub"),
    ),
    Word(
        r"\bShardHead\b|\bHeads?\b",
        "ShardCheckpoint",
        old=("pub struct Head {", "Option<Head>", "ShardHead"),
        only=CODE,
        fine=("HEAD", "Header::None", "HeadersRequired"),
    ),
    Word(
        r"\bheads?\b|\bheads?_\w+|\w+_heads?\b",
        "checkpoint",
        old=("the head of the shard", "state/p/heads/shard", "read_head()", "head_key", "two heads"),
        only=OURS,
        phrases=(r"\bhead -n\b", r"\| *head\b", r"`head`", r"\bhead_(?:object|bucket)\b", r"\.head\("),
        fine=(
            "head -n 1 file",
            "query | head",
            "as `head` has",
            "s3.head_object(",
            "frame.head(5)",
            "ahead of",
        ),
    ),
    # ---- consistent cuts
    Word(
        r"\bMarks?\b|\bMARK_\w+|\w+_marks?\b|\bmarks?_\w+",
        "Cut",
        old=("pub struct Mark {", "MARK_LIMIT", "since_mark", "mark_every_ms", "without_mark"),
        only=CODE,
        phrases=(r"\b(?:byte_order|question|quotation)_marks?\b",),
        fine=(
            "BYTE_ORDER_MARK",
            "pytest.mark.last",
            "watermark",
            "benchmark",
            "byte_order_mark",
            "Watermark",
        ),
        allowed=(("crates/*/replay/input.rs", "the byte-order mark"),),
    ),
    Word(
        r"\bmarks?\b",
        "cut",
        old=("the newest mark", "marks are thinned"),
        only=OURS,
        phrases=(r"pytest\.mark\b", r"\b(?:[Bb]yte[- ]order|question|quotation) marks?\b"),
        fine=("@pytest.mark.last", "a byte-order mark", "the watermark", "question marks"),
        allowed=(
            ("crates/pipeline/src/decode/csv*", "the byte-order mark"),
            ("docs/produce.md", "the byte-order mark"),
        ),
    ),
    # ---- speed logs and segments
    Word(
        r"\bChains?\b|\bChainName\b", "SpeedLogName", old=("ChainName::new(", "pub struct Chain"), only=CODE
    ),
    Word(r"\bchains\.json\b", "speed_logs.json", old=("state/p/chains.json",)),
    Word(
        r"\bchains?\b|\w+_chains?\b|\bchains?_\w+",
        "speed log",
        old=("a chain that nobody extends", "its chains", "list_of_chains", "chain_key"),
        only=OURS,
        phrases=(
            r"\.chain\(|\biter::chain\b",
            r"\b(?:cause|certificate|credentials?|error|provider|source)s?[- ]chains?\b",
            r"\bchains? of (?:causes|errors|operators|sources)\b",
            r"\boperator of a chain\b",
        ),
        fine=(
            "a.iter().chain(b)",
            "the error chain",
            "rust-toolchain",
            "a chain of operators",
            "each operator of a chain",
            "chained",
        ),
        allowed=(("crates/views/*", "chains of operators"),),
    ),
    Word(
        r"\b[Ss]peed[_ ]objects?(?![a-z])",
        "segment",
        old=("speed objects of all shards", "speed_objects_after"),
        fine=("speed/ objects", "speed: 12 objects"),
    ),
    # ---- write-audit-publish
    Word(r"\bproof\.(?:json|rs)\b", "audit.json", old=("state/p/proof.json",)),
    Word(
        r"\bProofs?\b|\b[Pp]roofs?_\w+|\w+_proofs?\b|\bproofs?\b",
        "audit",
        old=("pub struct Proof", "mod proof;", "proof::count", "proof_of_ranges", "moves only on proof"),
        phrases=(r"\bproof of (?:identity|work)\b",),
        fine=("proofread", "waterproof", "proof of work"),
    ),
    Word(
        r"\b(?:un)?proven\b",
        "audited",
        old=("the proven range", "unproven"),
        only=(*OURS, "local/tests/*"),
    ),
    Word(
        r"\bproves?\b",
        "audit",
        old=("batch proves that raw holds it", "to prove a range"),
        only=("functions/batch/*", "crates/lake/*", "crates/cli/*", "README.md", *SCRIPTS),
        fine=("improve", "approves"),
    ),
    Word(
        r"\btwinlake\.adopted\b|[Aa]dopt(?:s|ed|ing|ion)?(?![a-z])",
        "published (a run), taken over (a segment)",
        old=("twinlake.adopted", "Adopted", "the segment is adopted", "adopts", "is_adopted"),
        fine=("twinlake.published",),
    ),
    Word(r"\bswitched_ms\b", "published_ms", old=('"switched_ms": 0',)),
    Word(
        r"\bswitch(?:es|ed|ing)?\b",
        "publish",
        old=("the view switches", "last switched at"),
        only=("functions/batch/*", "crates/lake/*", "crates/cli/*", "docs/*", "README.md"),
        phrases=(r"\bswitch(?:es|ed|ing)? (?:it |them )?(?:on|off)\b",),
        fine=("reuse switched on", "switch it off"),
    ),
    Word(r"\w*[Aa]bsorb\w*", "compact", old=("runs that it absorbs", "absorbed", "Absorbed")),
    # ---- actions of `batch`
    Word(
        r"""action\\?["']?\s*[:=]+>?\s*\\?["'](?:prepare|open)\b""",
        "migrate, activate",
        old=(
            '{"action": "prepare"}',
            '{\\"action\\":\\"open\\"}',
            'action = "open"',
            "'action' => 'prepare'",
        ),
        fine=('{"action": "migrate"}', '{"action": "tick"}'),
    ),
    Word(
        r"\b(?:Request|Response)::(?:Prepared?|Open(?:ed)?)\b",
        "Request::Migrate, Request::Activate",
        old=("Request::Prepare =>", "Response::Opened("),
        only=RUST,
    ),
    Word(
        r"`(?:prepare|open)`",
        "`migrate`, `activate`",
        old=("after `prepare`", "`open` waits"),
        only=(*HCL, "docs/*", "README.md", "functions/*"),
    ),
    # ---- conditional writes, in the words of HTTP and of Iceberg
    Word(r"\bWritten::Lost\b", "Written::PreconditionFailed", old=("Written::Lost => retry",)),
    Word(r"\bSwapped::Lost\b", "Swapped::Conflict", old=("Swapped::Lost",)),
    # ---- types and functions
    Word(r"\bRandomness\b", "RandomSource", old=("dyn Randomness",)),
    Word(
        r"\bRefusals?\b|\bProblems?\b", "Diagnostic", old=("Vec<Refusal>", "Problem {", "Problems"), only=RUST
    ),
    Word(
        r"\bremed(?:y|ies)\b",
        "help",
        old=("its remedy:", "remedies"),
        only=(*CODE, *SCRIPTS),
    ),
    Word(
        r"\b(?:MOST|LONGEST|DEEPEST)_[A-Z]\w*",
        "MAX_…",
        old=("MOST_FIELDS", "LONGEST_NAME", "DEEPEST_IN_DATAFUSION"),
        fine=("MAX_FIELDS",),
    ),
    Word(r"\braw_partitions\b", "partitions", old=("twinlake_lake::raw_partitions",)),
    Word(
        r"\b(?:twinlake_lake|lake|crate|super)::schema\b|\bmod schema;",
        "twinlake_lake::tables",
        old=("use twinlake_lake::schema::raw;", "mod schema;", "crate::schema::raw"),
        only=("crates/lake/*", "crates/cli/*", "crates/produce/*", "functions/*"),
        fine=("arrow_schema::Schema",),
    ),
    Word(r"\bbatch::Batch\b", "DecodedShard", old=("use crate::batch::Batch;",), only=("functions/speed/*",)),
    Word(r"\bRest\b", "Tail", old=("struct Rest<'a>",), only=("functions/speed/*",)),
    Word(
        r"\b(?:Misfit|Untold|PaddedReader|TextRules)\b",
        "RowError, Missing, FixedWidthParser, StringRules",
        old=("Misfit::TooLong", "enum Untold", "PaddedReader", "TextRules {"),
    ),
    Word(
        r"\bCell\b|\b(?:enum|struct) Field\b",
        "Value, RawValue",
        old=("Cell::Null", "pub enum Field<'a> {"),
        only=("crates/pipeline/*",),
        phrases=(r"\bcell::Cell\b",),
        fine=("std::cell::Cell", "OnceCell", "Field::new("),
    ),
    Word(r"\bVerdict\b", "RecordResult", old=("Verdict::Ok",), only=("functions/preprocess/*",)),
    Word(
        r"\b(?:views|crate|super)::range\b|\bmod range;",
        "interval",
        old=("use crate::range::Range;", "mod range;"),
        only=("crates/views/*",),
        fine=("std::ops::Range", "ops::range"),
    ),
    Word(r"\bspoils_the_attempt\b", "is_permanent", old=("error.spoils_the_attempt()",)),
    Word(r"\bRetention\b", "PublishHistory", old=("struct Retention",), only=RUST),
    Word(
        r"\bwide\b",
        "lookback",
        old=("let wide = true;", "the wide count"),
        only=("functions/batch/*", "crates/lake/*"),
        fine=("widely", "widen"),
    ),
    # ---- keys of pipeline.yaml
    Word(
        r"""(?:^|[\s{,"'`])zone:""",
        "timezone:",
        old=("  zone: America/Chicago", "{ zone: UTC }", "the key `zone:`"),
        only=(*YAML, *MARKDOWN),
        fine=("timezone: UTC", "time_zone: x"),
    ),
    Word(
        r"""(?<![\w_])zone:\s*["']?(?:[A-Z]\w+/[A-Z]\w+|UTC)""",
        "timezone:",
        old=("format: f, zone: America/Chicago", "zone: 'Europe/Berlin'"),
        only=CODE,
        fine=("zone: Tz::UTC", "timezone: Europe/Berlin"),
    ),
    # ---- flags and environment variables
    Word(
        r"(?<![\w-])--(?:plain|named)(?![\w-])",
        "--no-aggregation, --saved",
        old=("twinlake produce --plain", "query --named busiest"),
        fine=("--plain-text", "--named-by"),
    ),
    Word(
        r"(?<![\w-])--name(?![\w-])",
        "--deployment",
        old=("twinlake --name lake status",),
        only=(*OURS,),
        fine=("--function-name f", "--name-only"),
    ),
    Word(r"\bTWINLAKE_NAME\b", "TWINLAKE_DEPLOYMENT", old=("TWINLAKE_NAME=lake",)),
)

# Names of files and folders that have changed.
PATHS = (
    Word(
        r"(?:^|/)(?:heads?|marks?|positions?|proof|chains?|raw_partitions|prepare|open)(?:\.rs|/)",
        "checkpoint, cut, sequence_number, audit, speed_log, partitions, migrate, activate",
        old=(
            "crates/lake/src/state/head.rs",
            "functions/batch/src/proof/count.rs",
            "functions/batch/src/open.rs",
        ),
        fine=("crates/lake/src/state/checkpoint.rs", "functions/batch/src/activate.rs"),
    ),
    Word(
        r"^crates/lake/src/(?:schema|sdk|state/retention)\.rs$",
        "tables, aws, publish_history",
        old=("crates/lake/src/schema.rs", "crates/lake/src/state/retention.rs"),
    ),
    Word(r"^crates/views/src/range\.rs$", "interval", old=("crates/views/src/range.rs",)),
)
