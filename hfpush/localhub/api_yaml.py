"""validate-yaml: is the metadata of a README.md fit for a commit?"""

from __future__ import annotations

from aiohttp import web

from hfpush.localhub.access import read_json, text_field
from hfpush.localhub.frontmatter import BadFrontMatter, front_matter


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [web.post("/api/validate-yaml", validate)]


async def validate(request: web.Request) -> web.Response:
    """200 with warnings, or 400 with errors; in both cases both lists are there."""
    body = await read_json(request)
    errors, warnings = findings(text_field(body, "content", ""))
    answer = {"errors": [{"message": text} for text in errors], "warnings": [{"message": text} for text in warnings]}
    return web.json_response(answer, status=400 if errors else 200)


def findings(text: str) -> tuple[list[str], list[str]]:
    """Errors and warnings about the metadata of a README.md. Pure."""
    try:
        fields = front_matter(text)
    except BadFrontMatter as bad:
        return [str(bad)], []
    errors = [
        f'"{name}" must be a string or a list of strings'
        for name in ("license", "language", "tags", "datasets", "pipeline_tag")
        if name in fields and not _is_texts(fields[name])
    ]
    return errors, [] if fields else ["empty or missing yaml metadata in repo card"]


def _is_texts(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    # YAML reads the language code `no` as False; the Hub takes it.
    return all(isinstance(item, str) or item is False or item is None for item in items)
