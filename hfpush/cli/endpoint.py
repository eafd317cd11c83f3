"""`hfpush endpoint`: the places that speak the Hub's API, and which of them gets your token."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.options import JsonOption, TypeOption, settings_of
from hfpush.commands.endpoint import (
    Listed,
    NewEndpoint,
    add_endpoint,
    list_endpoints,
    remove_endpoint,
    trust_endpoint,
    use_endpoint,
)
from hfpush.commands.endpoint_check import EndpointCheck, check_endpoints
from hfpush.commands.probes import Asked
from hfpush.endpoints import RepoAddress
from hfpush.endpoints.book import AUTO
from hfpush.endpoints.choice import Operation, Step
from hfpush.errors import Misuse
from hfpush.net.redact import redact
from hfpush.settings import Settings

app = typer.Typer(help="Ways to the Hub, and which of them get your token.", no_args_is_help=True)
_LINES = "\b\n"

_Name = Annotated[str, typer.Argument(metavar="NAME", help="As hfpush endpoint ls has it.")]


@app.callback()
def _group() -> None:
    pass


@app.command("ls")
@guarded
def ls_command(as_json: JsonOption = False) -> None:
    """List the endpoints: what each is, and who gets your token."""
    settings = settings_of({})
    rows = list_endpoints(settings)
    if as_json:
        named = None if settings.endpoint is None else settings.endpoint.name
        render.document(
            {
                "use": named or AUTO,
                "named_by": settings.named_by or None,
                "endpoints": [row.as_json() for row in rows],
            }
        )
        return
    for line in listing_lines(rows, settings):
        render.tell(line)


@app.command(
    "add",
    epilog=f"{_LINES}Examples:\n  hfpush endpoint add corp https://corp.example/hf --kind nexus --trust"
    "\n  hfpush endpoint add corp https://corp.example/hf --token-stdin < token.txt",
)
@guarded
def add_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it: a-z, 0-9, '-', '_' and '.'.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="https://host, with its path prefix if it has one.")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind", metavar="KIND", help="mirror, relay, nexus, artifactory; or hub: a Hub of its own, never auto."
        ),
    ] = "mirror",
    trust: Annotated[bool, typer.Option("--trust", help="Your token may go there.")] = False,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read a token of its own from stdin; asks for it on a terminal.")
    ] = False,
    proxy: Annotated[
        str | None, typer.Option("--proxy", metavar="URL", help="Go there through this proxy: http:// or socks5h://.")
    ] = None,
    ca_bundle: Annotated[
        Path | None, typer.Option("--ca-bundle", metavar="FILE", help="Trust these certificates there, too.")
    ] = None,
    connect_seconds: Annotated[
        float | None, typer.Option("--connect-seconds", metavar="S", help="How long a connection may take to stand.")
    ] = None,
    idle_seconds: Annotated[
        float | None, typer.Option("--idle-seconds", metavar="S", help="How long no byte may move.")
    ] = None,
    answer_seconds: Annotated[
        float | None, typer.Option("--answer-seconds", metavar="S", help="How long an answer may take to begin.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Put it in the place of one of that name.")] = False,
) -> None:
    """Put an endpoint on the list.

    Your token goes there only with --trust, or once you say hfpush endpoint trust NAME. A password in the URL is
    accepted, but kept apart: in the keyring, or in a file that only you can read.
    """
    new = NewEndpoint(
        name=name,
        url=url,
        kind=kind,
        trusted=trust,
        token=_token() if token_stdin else None,
        proxy=proxy,
        ca_bundle=ca_bundle,
        connect_seconds=connect_seconds,
        idle_seconds=idle_seconds,
        answer_seconds=answer_seconds,
        replaces=force,
    )
    changed = add_endpoint(settings_of({}), new)
    render.findings(changed.findings)
    one = changed.entry.endpoint
    render.tell(f"added {one.name}: {one.url} ({one.kind}, {_trust(one.trusted)})")


@app.command("rm")
@guarded
def rm_command(name: _Name) -> None:
    """Take an endpoint off the list, with the token that was saved for it."""
    entry = remove_endpoint(settings_of({}), name).entry
    render.tell(f"removed {name}" if entry.added else f"{name} is as hfpush ships it again")


@app.command("use", epilog=f"{_LINES}Examples:\n  hfpush endpoint use hf-mirror\n  hfpush endpoint use auto")
@guarded
def use_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As hfpush endpoint ls has it, or auto.")],
) -> None:
    """Use this endpoint where a run names no other.

    With auto it is the best way to the Hub.
    """
    render.findings(use_endpoint(settings_of({}), name))
    render.tell("in use: auto, the best way to the Hub" if name == AUTO else f"in use: {name}")


@app.command("trust")
@guarded
def trust_command(
    name: _Name,
    trust: Annotated[bool, typer.Option("--trust/--no-trust", help="Let it have your token, or no longer.")] = True,
) -> None:
    """Let your token go to an endpoint.

    Whoever runs it can then do what you can do at the Hub.
    """
    changed = trust_endpoint(settings_of({}), name, trusted=trust)
    render.findings(changed.findings)
    one = changed.entry.endpoint
    render.tell(f"{one.name} ({one.url}) is {_trust(one.trusted)}")


@app.command(
    "test",
    epilog=f"{_LINES}Examples:\n  hfpush endpoint test\n  hfpush endpoint test hf --for publish --repo ada/my-model",
)
@guarded
def check_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAMES", help="Names or URLs. Default: every endpoint.")
    ] = None,
    operation: Annotated[str, typer.Option("--for", metavar="WHAT", help="publish or fetch.")] = "publish",
    repo: Annotated[
        str | None, typer.Option("--repo", metavar="OWNER/NAME", help="A repository, for the steps that need one.")
    ] = None,
    repo_type: TypeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try each step of a publish or a fetch at each endpoint.

    Says what fails, and changes nothing anywhere.
    Ends with 0 if every endpoint carries what could be tried, with 1 if not.
    """
    if operation not in get_args(Operation):
        raise Misuse.of("endpoint-operation", f"--for takes publish or fetch, not {operation[:40]!r}.")
    settings = settings_of({})
    if repo is not None:
        RepoAddress.parse(settings.usual_endpoint, repo, repo_type or "model")
    asked = Asked(cast("Operation", operation), repo, repo_type or "model")
    report = check_endpoints(settings, asked, names or ())
    if as_json:
        render.document(report.as_json())
    else:
        _show(report)
    if not report.is_well:
        raise typer.Exit(1)


def _show(report: EndpointCheck) -> None:
    for one in report.measured:
        trust = _trust(one.endpoint.trusted)
        render.tell(f"{one.endpoint.name}  {one.endpoint.url} ({one.endpoint.kind}, {trust})")
        for step in one.steps:
            render.tell(f"  {step_line(step)}")
        if one.failure is not None:
            render.result(one.failure)
    if report.best is not None:
        render.tell(f"the best for a {report.asked.operation}: {report.best.endpoint.name} ({report.best.why})")


def step_line(step: Step) -> str:
    """A step in a line. Pure."""
    if step.failure is not None:
        return f"{step.name:<10} failed  {_timed(step)}  {step.failure.reference}".rstrip()
    if step.skipped is not None:
        return f"{step.name:<10} skipped            {step.skipped}"
    return f"{step.name:<10} ok      {_timed(step)}".rstrip()


def _timed(step: Step) -> str:
    return f"{step.seconds * 1000:>6.0f} ms  {step.route}".rstrip()


def listing_lines(rows: Sequence[Listed], settings: Settings) -> list[str]:
    """The list as a table, and what is in use. Pure."""
    table = [("", "name", "url", "kind", "token", "defined in")]
    for row in rows:
        one = row.endpoint
        token = "no" if not one.trusted else f"its own ({row.token})" if row.token else "yes"
        table.append(("*" if row.in_use else "", one.name, redact(one.url), one.kind, token, row.defined))
    widths = [max(len(line[at]) for line in table) for at in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    if settings.endpoint is None:
        return [*lines, "in use: auto, the best way to the Hub for what is to be done"]
    return [*lines, f"in use: {settings.endpoint.name}, by {settings.named_by}"]


def _trust(trusted: bool) -> str:
    return "trusted with your token" if trusted else "without your token"


def _token() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Token: ")
    return sys.stdin.readline()
