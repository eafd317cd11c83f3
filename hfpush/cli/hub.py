"""`hfpush hub`: a Hub of one's own on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.errors import Misuse

app = typer.Typer(help="A Hub of your own on this machine, without an account.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


def _bytes(text: str) -> int:
    try:
        return units.parse_size(text)
    except ValueError as error:
        raise Misuse.of("size-invalid", str(error)) from error


@app.command("serve")
@guarded
def serve_command(
    root: Annotated[
        Path | None,
        typer.Option(
            "--root", metavar="FOLDER", help="Where it keeps everything. Default: a new folder, removed at the end."
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", help="The port of the API; 0 takes a free one.", min=0, max=65535)
    ] = 0,
    storage_port: Annotated[
        int,
        typer.Option(
            "--storage-port", metavar="N", help="The port of the storage; 0 takes a free one.", min=0, max=65535
        ),
    ] = 0,
    url: Annotated[
        str,
        typer.Option("--url", metavar="URL", help="What others call it, where a proxy with TLS stands in front."),
    ] = "",
    storage_url: Annotated[
        str, typer.Option("--storage-url", metavar="URL", help="What others call the storage, likewise.")
    ] = "",
    token: Annotated[
        list[str] | None,
        typer.Option(
            "--token",
            metavar="USER:TOKEN",
            help="user:token, or user:token:read; may be repeated. Default: one user `local` with a made-up token.",
        ),
    ] = None,
    url_ttl: Annotated[
        float, typer.Option("--url-ttl", metavar="SECONDS", help="How long a signed URL lives.", min=1)
    ] = 900.0,
    part_size: Annotated[
        str, typer.Option("--part-size", metavar="SIZE", help="Length of a part of a multipart upload.")
    ] = "16MB",
    multipart_threshold: Annotated[
        str, typer.Option("--multipart-threshold", metavar="SIZE", help="Larger objects are sent in parts.")
    ] = "32MB",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="FAULT",
            help="What is to go wrong, for example 'drop_after(bytes=1000, part=3)'; may be repeated.",
        ),
    ] = None,
) -> None:
    """Run a Hub on this machine until ^C.

    It says where it is, and how to point hf, git and hfpush at it. Without --host only this
    machine reaches it.
    """
    from hfpush.commands.hub import HubRequest, serve_hub  # brings a server along, which no other command needs

    request = HubRequest(
        root=root,
        host=host,
        port=port,
        storage_port=storage_port,
        url=url,
        storage_url=storage_url,
        tokens=tuple(token or ()),
        url_ttl=url_ttl,
        part_size=_bytes(part_size),
        multipart_threshold=_bytes(multipart_threshold),
        faults=tuple(fault or ()),
    )
    serve_hub(request, announce=render.reveal)
