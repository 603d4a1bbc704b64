"""`mixdesk completion`: scripts that complete commands, options and ids; and the ids, at once or not at all."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mixdesk_control.cli import NOUNS

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client

ANSWER_S = 0.8  # of a desk that is asked at a press of Tab
PATHS = {"assets": ("/admin/assets", "id"), "jobs": ("/jobs?limit=100", "job_id")}
METAVARS = {"assets": "ID", "jobs": "JOB"}
"""How the argument that is an id is called in a noun's verbs."""

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Shells expand the words that they are offered: whatever else a desk may answer is no id."""

USAGE = """usage: mixdesk completion bash|zsh|fish

Prints a script for the shell. Once and for all:

  mixdesk completion bash > ~/.local/share/bash-completion/completions/mixdesk
  mixdesk completion zsh > "${fpath[1]}/_mixdesk"
  mixdesk completion fish > ~/.config/fish/completions/mixdesk.fish

`mixdesk completion ids assets` and `... ids jobs` print what the scripts ask for.
"""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of a noun: `name` is empty for a noun without verbs."""

    noun: str
    name: str
    options: tuple[str, ...]
    takes_id: bool


def app(args: Sequence[str], prog_name: str) -> None:
    """Runs it, and exits with its status."""
    if len(args) == 1 and args[0] in SCRIPTS:
        sys.stdout.write(SCRIPTS[args[0]](list(verbs())))
    elif len(args) == 2 and args[0] == "ids" and args[1] in PATHS:
        sys.stdout.write("".join(f"{found}\n" for found in ids(args[1])))
    else:
        asked = args in (["--help"], ["-h"])
        (sys.stdout if asked else sys.stderr).write(USAGE)
        sys.exit(0 if asked else 2)


def ids(noun: str) -> list[str]:
    """The ids that the desk knows; none where it does not answer at once."""
    from mixdesk_control.cli.client import Client
    from mixdesk_control.cli.errors import CliError

    try:
        client = Client.find()
    except CliError:
        return []
    found: list[str] = []
    asking = threading.Thread(target=_ask, args=(client, noun, found), daemon=True)
    asking.start()
    asking.join(ANSWER_S)
    return list(found)


def _ask(client: Client, noun: str, found: list[str]) -> None:
    from http.client import HTTPException

    path, key = PATHS[noun]
    try:
        answer = client.connection.ask("GET", path, body=None, headers={}, within_s=ANSWER_S)
        found.extend(str(item[key]) for item in json.loads(answer.body)["items"] if SAFE.fullmatch(str(item[key])))
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        pass  # at a press of Tab nobody wants to read why


# -- what there is to complete -------------------------------------------------------------------------


def verbs() -> Iterator[Verb]:
    """All verbs of all nouns, from the commands themselves."""
    import importlib

    for noun, (module, _) in NOUNS.items():
        try:
            found = importlib.import_module(f"mixdesk_control.cli.{module}").app
        except ModuleNotFoundError:  # a part that is not installed: its noun alone is completed
            continue
        yield from _verbs_of(noun, found)


def _verbs_of(noun: str, found: Any) -> Iterator[Verb]:
    import typer

    if not isinstance(found, typer.Typer):
        yield Verb(noun, "", ("bash", "zsh", "fish") if noun == "completion" else (), takes_id=False)
        return
    command = typer.main.get_command(found)
    commands = getattr(command, "commands", None)
    if commands is None:
        yield Verb(noun, "", _options(command), takes_id=False)
        return
    for name, one in commands.items():
        if not one.hidden:
            takes_id = any(getattr(param, "metavar", None) == METAVARS.get(noun, "-") for param in one.params)
            yield Verb(noun, name, _options(one), takes_id)


def _options(command: Any) -> tuple[str, ...]:
    named = [option for param in command.params for option in (*param.opts, *param.secondary_opts)]
    return (*(option for option in named if option.startswith("--") and option != "--help"), "--help")


# -- shells --------------------------------------------------------------------------------------------


def bash(found: Sequence[Verb]) -> str:
    """A function for `complete -F`."""
    ids_of = 'words=($("${{COMP_WORDS[0]/#"~/"/"$HOME/"}}" completion ids {} 2>/dev/null))'
    return BASH.format(nouns=" ".join(NOUNS), cases=_cases(found, "words=({})", ids_of))


def zsh(found: Sequence[Verb]) -> str:
    """A function of the completion system."""
    ids_of = 'compadd -- $("${{words[1]/#\\~\\//$HOME/}}" completion ids {} 2>/dev/null)'
    return ZSH.format(nouns=" ".join(NOUNS), cases=_cases(found, "compadd -- {}", ids_of))


def _cases(found: Sequence[Verb], offer: str, offer_ids: str) -> str:
    """Branches of `case "$noun:$verb:$what" in`, where what is verb, option or word."""
    lines = []
    for noun in dict.fromkeys(verb.noun for verb in found):
        names = [verb.name for verb in found if verb.noun == noun and verb.name]
        if names:
            lines.append(f"{noun}:*:verb) {offer.format(' '.join(names))} ;;")
    for verb in found:
        place = f"{verb.noun}:{verb.name or '*'}"
        if verb.options:
            lines.append(f"{place}:{'option' if verb.name else '*'}) {offer.format(' '.join(verb.options))} ;;")
        if verb.takes_id:
            lines.append(f"{place}:word) {offer_ids.format(verb.noun)} ;;")
    return "\n".join(f"        {line}" for line in lines)


def fish(found: Sequence[Verb]) -> str:
    """One line a word."""
    lines = [
        f"complete -c mixdesk -f -n __fish_use_subcommand -a {noun} -d {_quoted(NOUNS[noun][1])}" for noun in NOUNS
    ]
    for verb in found:
        at_noun = f"__fish_seen_subcommand_from {verb.noun}"
        names = " ".join(other.name for other in found if other.noun == verb.noun)
        if verb.name:
            without = f"{at_noun}; and not __fish_seen_subcommand_from {names}"
            lines.append(f"complete -c mixdesk -f -n {_quoted(without)} -a {verb.name}")
        at_verb = f"{at_noun}; and __fish_seen_subcommand_from {verb.name}" if verb.name else at_noun
        lines += [f"complete -c mixdesk -n {_quoted(at_verb)} {_fish_word(word)}" for word in verb.options]
        if verb.takes_id:
            offered = _quoted(f"(mixdesk completion ids {verb.noun} 2>/dev/null)")
            lines.append(f"complete -c mixdesk -f -n {_quoted(at_verb)} -a {offered}")
    return "\n".join(lines) + "\n"


def _fish_word(word: str) -> str:
    return f"-l {word.removeprefix('--')}" if word.startswith("--") else f"-f -a {word}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


BASH = """# Completion of mixdesk for bash. Made by `mixdesk completion bash`.
_mixdesk() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} what=word words=()
    case $COMP_CWORD in
        1) words=({nouns}) ;;
        2) what=verb ;;
    esac
    [[ $word == -* ]] && what=option
    (( COMP_CWORD > 1 )) && case "${{COMP_WORDS[1]}}:${{COMP_WORDS[2]}}:$what" in
{cases}
    esac
    mapfile -t COMPREPLY < <(compgen -W "${{words[*]}}" -- "$word")
}}
complete -o bashdefault -o default -F _mixdesk mixdesk
"""

ZSH = """#compdef mixdesk
# Completion of mixdesk for zsh. Made by `mixdesk completion zsh`.
_mixdesk() {{
    local what=word
    case $CURRENT in
        2) compadd -- {nouns}; return ;;
        3) what=verb ;;
    esac
    [[ $words[CURRENT] == -* ]] && what=option
    case "$words[2]:$words[3]:$what" in
{cases}
        *) _files ;;
    esac
}}
if [[ $funcstack[1] == _mixdesk ]]; then _mixdesk "$@"; else compdef _mixdesk mixdesk; fi
"""

SCRIPTS: dict[str, Callable[[Sequence[Verb]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
