"""The schema of a menu: which keys it offers, what each is called, and where each leads."""

from ivr.authoring.schema.parts import (
    Schema,
    described,
    mapping,
    named,
    use,
    with_definitions,
)
from ivr.authoring.schema.patience import PATIENCES
from ivr.flows.menus import CHOICES, MENU, OPTION, UNIVERSAL


def menu_schema() -> Schema:
    """The schema of a file in menus/."""
    choices = named(use("choice"), f"^[{CHOICES}]$")
    values = {
        "greet": described(use("lines"), "What opens the menu: a line or a list of lines."),
        "again": described(
            use("lines"),
            "What opens it every further time; if left out, greet without its once lines.",
        ),
        "keys": described(choices, "The choices, on the keys 1 to 6."),
        "also": described(_also(), "The keys with a fixed meaning that this menu reads out."),
        "patience": described(use("menu-patience"), "What differs from the book's patience."),
        "person": described(use("place-target"), "Where 0 leads here, not where the book says."),
    }
    menu = described(mapping(MENU, values, ("keys",)), "A menu; its name is that of the file.")
    return with_definitions({"title": "A menu", **menu}, {"choice": _choice(), **PATIENCES})


def _choice() -> Schema:
    values = {
        "offer": described(use("prompt"), "The prompt that names the choice in: For …, press 1."),
        "with": use("with"),
        "needs": described(
            use("needs"), "A yes/no field without which the choice is not offered; keys stay put."
        ),
        "quiet": described(use("flag"), "The key works without being read out."),
        "say": described(use("lines"), "What is said once the key is pressed."),
        "go": use("menu-target"),
    }
    return mapping(OPTION, values, ("offer", "go"))


def _also() -> Schema:
    spoken = {key: meaning for key, meaning in UNIVERSAL.items() if key != "#"}
    values = {
        key: described(use("prompt"), f"The prompt that names {meaning}.")
        for key, meaning in spoken.items()
    }
    return mapping(spoken, values)
