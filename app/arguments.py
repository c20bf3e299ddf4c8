"""The command line's words: commands, options, help with examples."""

import argparse
from pathlib import Path

from spteproof import __version__
from spteproof.argument_parts import (
    WATCHED,
    Command,
    Commands,
    add_command,
    add_output,
    add_paths,
    add_proofs,
    add_scope,
    add_timeout,
)
from spteproof.argument_values import positive, seconds, word_or_path

EPILOG = """\
examples:
  spteproof prove                              prove the library that comes with the tool
  spteproof prove age.spte                     prove one file; its counterexamples are shown
  spteproof prove spec/ --layout ept --format json --output results.json
  spteproof prove - < age.spte                 read standard input
  spteproof table spec/eras/clear_bits.spte    verdicts by version and layout
  spteproof check spec/                        parse and check names and sorts only
  spteproof show ept                           a layout as a 64-bit register
  spteproof show ept 0x0600000000000901        an entry's value in a layout
  spteproof show fast_page_fault --layout npt  an agent's derived steps
  spteproof find age.spte                      which masks may be passed, which predicate is enough
  spteproof explain layout.overlap:undeclared  what a diagnostic or verdict means, with examples
  spteproof explain my_theorem age.spte        what its proof rests on, or why each step of a failure can happen
  spteproof lsp                                the language server, for an editor
  spteproof verify age.certificates            what `prove --certify` wrote
  spteproof init                               a first text to begin with
  spteproof watch age.spte                     prove again whenever it is saved
  spteproof fmt age.spte                       blanks and indentation in the style of the library

exit status:
  0  every verdict is as expected       1  some verdict is not as expected
  2  the input or the call is wrong     3  some verdict is unknown and none is
                                           wrong, or all was skipped
  4  an internal error                  130  stopped by Ctrl-C
"""

"""With less a worker can hardly begin."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="spteproof",
        description="Proves what concurrent changes of a KVM shadow page table entry keep, for any number of CPUs "
        "and any interleaving, or shows the shortest interleaving that fails.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"spteproof {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Command)
    _prove(commands)
    _table(commands)
    _check(commands)
    _show(commands)
    _find(commands)
    _mutate(commands)
    _fmt(commands)
    _explain(commands)
    _lsp(commands)
    _verify(commands)
    _watch(commands)
    _init(commands)
    _completion(commands)
    return top


def _prove(commands: Commands) -> None:
    command = add_command(
        commands,
        "prove",
        "prove theorems and compare each verdict with what is expected",
        "  spteproof prove\n  spteproof prove age.spte --counterexamples all\n"
        "  spteproof prove spec/ --theorem 'age_*' --layout ept --jobs 2\n"
        "  spteproof prove spec/ --format junit --output results.xml\n"
        "  spteproof prove age.spte --format html --output age.html\n"
        "  spteproof prove spec/ --changed-since origin/main\n"
        "  spteproof explain unknown                    what a verdict means\n",
    )
    add_proofs(command)
    add_output(command)
    command.add_argument(
        "--format",
        choices=("human", "json", "junit", "sarif", "github", "markdown", "html"),
        default="human",
        help="of the report (default: human)",
    )
    command.add_argument(
        "--counterexamples",
        choices=("first", "all", "unexpected", "none"),
        help="which to draw, for a person and in Markdown (default: the first of each theorem for up to three "
        "theorems, else the unexpected ones)",
    )
    command.add_argument(
        "--changed-since",
        metavar="REV",
        help="only what the changes since this git revision can affect, those not committed included",
    )
    command.add_argument(
        "-v", "--verbose", action="store_true", help="show each theorem's scope and what is proved unasked"
    )
    command.add_argument(
        "--cross-check",
        nargs="?",
        const="all",
        metavar="NAMES",
        help="ask others what Z3 was asked: bitwuzla, cvc5, enumeration (default: all that are installed); "
        "where one contradicts there is no verdict",
    )
    command.add_argument(
        "--certify",
        type=Path,
        metavar="DIR",
        help="write a bundle of certificates there, which `spteproof verify` checks; needs python-sat",
    )


def _table(commands: Commands) -> None:
    command = add_command(
        commands,
        "table",
        "prove theorems and show the verdicts as tables: version by layout, bit by bit",
        "  spteproof table spec/eras/clear_bits.spte\n  spteproof table spec/eras --era v6_4 --era v6_15 --split\n"
        "  spteproof table age.spte --format markdown --output age.md\n",
    )
    add_proofs(command)
    add_output(command)
    command.add_argument(
        "--format", choices=("text", "markdown", "json"), default="text", help="of the tables (default: text)"
    )
    command.add_argument(
        "--property",
        action="append",
        metavar="GLOB",
        help="show only properties whose text matches, and what is not as expected; all are proved (may be repeated)",
    )
    command.add_argument(
        "--split", action="store_true", help="a row for each choice of parameters (default: all choices together)"
    )


def _check(commands: Commands) -> None:
    command = add_command(
        commands,
        "check",
        "parse and check names and sorts, prove nothing",
        "  spteproof check spec/\n  spteproof explain layout.overlap:undeclared  what an error means, by its id\n",
    )
    add_paths(command)


def _show(commands: Commands) -> None:
    command = add_command(
        commands,
        "show",
        "show all words, a layout, an entry's value, an agent's steps, a helper's text or a theorem's obligations",
        "  spteproof show\n  spteproof show ept\n  spteproof show ept 0x0600000000000901\n"
        "  spteproof show ept,npt 0x0600_0000_0000_0901\n  spteproof show kvm 2305 --format json\n"
        "  spteproof show tdp_mmu_clear_spte_bits\n"
        "  spteproof show fast_page_fault --layout npt\n  spteproof show my_theorem age.spte\n"
        "  spteproof show is_dirty_spte --layout ept    its text, and the bits that it rests on there\n",
    )
    command.add_argument("name", nargs="?", help="of a layout, an agent, a predicate, function or helper, or a theorem")
    command.add_argument(
        "given",
        nargs="*",
        type=word_or_path,
        metavar="VALUE|PATH",
        help="an entry's value, to decode in the layout, or in several: a family, or names with commas between them; "
        "what is no number is a file or folder to read, as with --from",
    )
    command.add_argument(
        "--layout",
        action="append",
        metavar="NAME",
        help="the layout in which an agent, a theorem, or what a definition rests on is shown; once for each layout",
    )
    command.add_argument(
        "--format", choices=("human", "json"), default="human", help="of a value in layouts (default: human)"
    )
    command.add_argument(
        "--from",
        dest="paths",
        action="append",
        metavar="PATH",
        default=[],
        help="files or folders to read (default: the library)",
    )


def _find(commands: Commands) -> None:
    command = add_command(
        commands,
        "find",
        "find which single-bit masks and which weakest predicates make theorems hold",
        "  spteproof find spec/mail/clear_one_bit.spte --layout kvm\n"
        "  spteproof find age.spte --theorem 'age_*' --bits mask --property 'preserves*'\n"
        "  spteproof find spec/mail/never_atomic.spte --bits mask --property 1 --format json --output found.json\n"
        "  spteproof find spec/eras/clear_bits.spte --layout ept --era v6_15 --predicate needs_atomic_update\n",
    )
    add_paths(command)
    add_scope(command)
    command.add_argument(
        "--theorem", action="append", metavar="GLOB", help="only theorems whose name matches (may be repeated)"
    )
    command.add_argument("--bits", metavar="PARAMETER", help="which single bits this u64 parameter may be")
    command.add_argument("--predicate", metavar="NAME", help="the weakest predicate that could stand for this one")
    command.add_argument(
        "--property",
        action="append",
        metavar="N|GLOB",
        help="only these properties count, by number from 1 or by text (default: all, and what is proved unasked)",
    )
    add_timeout(command)
    command.add_argument("--format", choices=("human", "json"), default="human", help="of the report (default: human)")
    command.add_argument("--output", type=Path, metavar="FILE", help="write the report there, whole or not at all")


def _mutate(commands: Commands) -> None:
    command = add_command(
        commands,
        "mutate",
        "change texts in one place after the other, and list the changes that no theorem notices",
        "  spteproof mutate age.spte\n  spteproof mutate spec/mail/without_dirty.spte --jobs 2 --verbose\n"
        "  spteproof mutate mine.spte --item my_helper --by theorems/\n"
        "  spteproof mutate spec/ --sample 200 --seed 7 --format json --output mutants.json\n\n"
        "Exit status: 0 no change survives, 1 some does, 2 wrong input or call, 3 some are not decided or were not "
        "tried,\n4 internal error.\n",
    )
    command.add_argument("paths", nargs="*", metavar="PATH", help="files or folders to change (default: the library)")
    command.add_argument(
        "--by",
        action="append",
        metavar="PATH",
        help="texts whose theorems judge as well (default: the library, for changes of its own modules)",
    )
    command.add_argument("--item", action="append", metavar="NAME", help="change only this item (may be repeated)")
    command.add_argument("--sample", type=positive, metavar="N", help="only so many changes, picked at random")
    command.add_argument("--seed", type=int, default=1, metavar="S", help="for --sample (default: 1)")
    command.add_argument("--time", type=seconds, metavar="SECONDS", help="begin no more after so long")
    command.add_argument(
        "--seconds", type=seconds, default=10.0, metavar="SECONDS", help="for one change (default: 10)"
    )
    add_timeout(command)
    command.add_argument(
        "--jobs", type=positive, metavar="N", help="worker processes (default: one for each processor)"
    )
    command.add_argument("--format", choices=("human", "json"), default="human", help="of the report (default: human)")
    command.add_argument("--output", type=Path, metavar="FILE", help="write the report there, whole or not at all")
    command.add_argument("--no-cache", action="store_true", help="neither use nor keep earlier outcomes")
    command.add_argument(
        "-v", "--verbose", action="store_true", help="list what was noticed, too, by whom, and counts for each line"
    )


def _fmt(commands: Commands) -> None:
    command = add_command(
        commands,
        "fmt",
        "format texts in the style of the library: blanks and indentation change, tokens and comments do not",
        "  spteproof fmt age.spte\n  spteproof fmt --check spec/\n  spteproof fmt --diff age.spte\n"
        "  spteproof fmt - < age.spte\n\nThe names of files that change are printed. "
        "A file with syntax errors is left alone; the exit status is 2 then.\n",
    )
    command.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, folders (hidden ones, virtual environments and bundles of certificates in them are left out), or "
        "- for standard input (default: this folder)",
    )
    command.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file would change")
    command.add_argument("--diff", action="store_true", help="write nothing; show what would change")


def _explain(commands: Commands) -> None:
    command = add_command(
        commands,
        "explain",
        "explain a diagnostic or a verdict, with a wrong example and a right one; or why a theorem holds or fails",
        "  spteproof explain\n  spteproof explain layout.overlap:undeclared\n  spteproof explain layout\n"
        "  spteproof explain unknown.rely\n"
        "  spteproof explain clear_one_bit_keeps_what_others_set --layout ept\n"
        "  spteproof explain age_stores age.spte         a theorem of this file\n",
    )
    command.add_argument(
        "id",
        nargs="?",
        metavar="ID|THEOREM",
        help="in brackets behind `error` or `warning`, or a verdict, or how several begin; what is no id is a "
        "theorem's name, and with a PATH it always is (default: list all ids)",
    )
    add_paths(command)
    add_scope(command)
    add_timeout(command)
    command.add_argument(
        "--format", choices=("human", "json"), default="human", help="of what is said of a theorem (default: human)"
    )
    add_output(command)


def _lsp(commands: Commands) -> None:
    command = add_command(
        commands,
        "lsp",
        "answer an editor: a language server over standard input and output",
        "  spteproof lsp                                started by the editor (docs/editors.md)\n",
    )
    command.add_argument("--stdio", action="store_true", help="what it does anyway; some clients say it")


def _watch(commands: Commands) -> None:
    command = add_command(
        commands,
        "watch",
        "prove, and prove again what a saved file touches, until Ctrl-C; tell what changed, verdicts first",
        "  spteproof watch age.spte\n  spteproof watch spec/ --layout ept\n"
        "  spteproof watch                              all texts below this folder\n",
    )
    add_proofs(command, WATCHED)
    command.add_argument(
        "--clear",
        choices=("auto", "always", "never"),
        default="auto",
        help="the screen before each report; auto: on a terminal",
    )


def _init(commands: Commands) -> None:
    command = add_command(
        commands,
        "init",
        "write a first text to begin with, and samples for GitHub Actions and pre-commit; never over another file",
        "  spteproof init\n  spteproof init my-proofs\n",
    )
    command.add_argument(
        "folder", nargs="?", type=Path, default=Path("."), metavar="DIR", help="where (default: this folder)"
    )


def _completion(commands: Commands) -> None:
    command = add_command(
        commands,
        "completion",
        "print a script by which a shell completes commands, options and the library's names",
        '  eval "$(spteproof completion bash)"          in ~/.bashrc\n'
        "  spteproof completion zsh > ~/.zfunc/_spteproof\n"
        "  spteproof completion tcsh > ~/.spteproof.tcsh\n",
    )
    command.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="for which shell")


def _verify(commands: Commands) -> None:
    command = add_command(
        commands,
        "verify",
        "check a bundle of certificates that `prove --certify` wrote",
        "  spteproof prove age.spte --certify age.certificates\n  spteproof verify age.certificates\n"
        "  spteproof verify age.certificates --spec age.spte    and that it belongs to this text\n",
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="the bundle")
    command.add_argument(
        "--spec",
        action="append",
        metavar="PATH",
        help="texts at hand, in place of those that the bundle holds: they must be those that it was made from (may be "
        "repeated)",
    )
    command.add_argument(
        "--checker",
        action="append",
        choices=("dratify", "cake_lpr", "lrat-check", "drat-trim"),
        help="check refutations by this program too; those found on PATH are always asked (may be repeated)",
    )
    command.add_argument(
        "--jobs", type=positive, metavar="N", help="worker processes (default: one for each processor)"
    )
    command.add_argument("-v", "--verbose", action="store_true", help="list each verdict and what it rests on")
