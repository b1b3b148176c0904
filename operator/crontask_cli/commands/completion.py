"""completion is ``crontask completion``: what a shell evaluates to complete commands and names."""

from enum import StrEnum
from typing import Annotated, Final

import typer

from crontask_cli.registry import COMPLETION, PROGRAM


class Shell(StrEnum):
    """A shell that completes."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


BASH: Final = f"""\
_{PROGRAM}_completion() {{
    local word rest=$COMP_LINE words=()
    for word in "${{COMP_WORDS[@]:0:COMP_CWORD+1}}"; do
        if [[ ${{#words[@]}} -gt 0 && $rest != [[:space:]]* ]]; then
            words[${{#words[@]}}-1]+=$word
        else
            rest=${{rest#"${{rest%%[![:space:]]*}}"}}
            words+=("$word")
        fi
        rest=${{rest#"$word"}}
    done
    local IFS=$'\\n'
    COMPREPLY=( $( COMP_WORDS="${{words[*]}}" COMP_CWORD=$(( ${{#words[@]}} - 1 )) \\
        {COMPLETION}=complete_bash "$1" ) )
}}
complete -o default -F _{PROGRAM}_completion {PROGRAM}
"""
"""Typer's takes the words as readline breaks them, at each ``:`` and ``=`` too, so that there is
no URL among them. Here those parts are one word that stand together on the line."""


def command(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print the completion script of a shell.

    For bash: source <(crontask completion bash). For zsh the same, after compinit. For
    fish: crontask completion fish | source.
    """
    if shell is Shell.BASH:
        typer.echo(BASH)
        return
    from typer import completion as scripts

    script: str = getattr(scripts, "get_completion_script")(  # noqa: B009 - typer exports it so
        prog_name=PROGRAM, complete_var=COMPLETION, shell=shell.value
    )
    typer.echo(script)
