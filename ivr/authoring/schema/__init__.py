"""JSON Schemas of a book's files, so that an editor completes and marks mistakes while one types.

They are made from the tables the loader reads with and from the services there are, so that they
know every key the loader knows. What needs the whole book (is there such a menu?) only `ivr check`
can tell. Draft 7 of JSON Schema is what every version of the YAML language servers takes:
https://github.com/redhat-developer/yaml-language-server/issues/1112.
"""

from collections.abc import Collection, Mapping

from ivr.authoring.schema.book import book_schema
from ivr.authoring.schema.menu import menu_schema
from ivr.authoring.schema.parts import Schema
from ivr.authoring.schema.prompts import prompts_schema
from ivr.flows.services import Service

__all__ = ["FILES", "Schema", "schemas"]

FILES = ("flows", "menu", "prompts")
"""The kinds of files a book has, each with its schema: `flows.yaml`, a menu, a file of prompts."""

DRAFT = "http://json-schema.org/draft-07/schema#"


def schemas(
    services: Mapping[str, Service], extra_prompts: Collection[str] = ()
) -> Mapping[str, Schema]:
    """The schema of each kind of file, as what `json.dumps` takes.

    `services` are those a book may name; `extra_prompts` are keys the line speaks by itself.
    """
    made = (book_schema(services), menu_schema(), prompts_schema(services, extra_prompts))
    return {name: {"$schema": DRAFT, **it} for name, it in zip(FILES, made, strict=True)}
