"""A book's folder on disk."""

from pathlib import Path

import pytest

from ivr.flows import BrokenBook, UnusableBook, load_book
from tests.flows.books import GOOD, SERVICES, book


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in GOOD.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_folder_is_the_same_book_as_its_files(folder: Path) -> None:
    assert load_book(folder, SERVICES) == book()


def test_other_files_are_no_part_of_the_book(folder: Path) -> None:
    (folder / "menus" / "notes.txt").write_text("- : {")
    assert load_book(folder, SERVICES).digest == book().digest


def test_files_named_almost_like_those_of_a_book_are_reported(folder: Path) -> None:
    for name in ("flows.yml", "menus/second.yml", "menus/third.YAML"):
        (folder / name).write_text("greet: welcome\nkeys: {}\n")
    with pytest.raises(BrokenBook) as refused:
        load_book(folder, SERVICES)
    unused = [it.place.path for it in refused.value.problems if it.code == "unused-file"]
    assert unused == ["flows.yml", "menus/second.yml", "menus/third.YAML"]


def test_a_recording_of_no_prompt_is_reported(folder: Path) -> None:
    (folder / "prompts" / "en").mkdir()
    (folder / "prompts" / "en" / "godbye.wav").touch()
    with pytest.raises(BrokenBook, match=r"the first at prompts/en/godbye\.wav:1:1: unused-file"):
        load_book(folder, SERVICES)


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    (folder / "flows.yaml").write_text(GOOD["flows.yaml"], encoding="utf-8-sig")
    assert load_book(folder, SERVICES).digest == book().digest


def test_recordings_are_known_by_language_and_key(folder: Path) -> None:
    (folder / "prompts" / "en").mkdir()
    (folder / "prompts" / "en" / "goodbye.wav").touch()
    assert load_book(folder, SERVICES).catalogue.recordings == {"en": frozenset({"goodbye"})}


def test_extra_prompts_must_be_there_and_count_as_used(folder: Path) -> None:
    with (folder / "prompts" / "en.yaml").open("a") as prompts:
        prompts.write("card-number: Card number, please.\n")
    it = load_book(folder, SERVICES, ["card-number"])
    assert it.catalogue.text("card-number", "en") == "Card number, please."


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ("nowhere", "{}/nowhere is no folder; name the one that holds flows.yaml"),
        ("menus", "{}/menus holds no book: there is no flows.yaml in it"),
    ],
)
def test_a_folder_without_a_book_is_unusable(folder: Path, wrong: str, line: str) -> None:
    with pytest.raises(UnusableBook) as refused:
        load_book(folder / wrong, SERVICES)
    assert str(refused.value) == line.format(folder)


def test_a_file_that_is_no_text_is_unusable(folder: Path) -> None:
    (folder / "menus" / "main.yaml").write_bytes(b"greet: \xff\n")
    with pytest.raises(UnusableBook) as refused:
        load_book(folder, SERVICES)
    path = folder / "menus" / "main.yaml"
    assert str(refused.value) == f"{path} is not UTF-8 text (byte 7); save it as UTF-8"


def test_a_file_that_cannot_be_read_is_unusable(folder: Path) -> None:
    (folder / "menus" / "second.yaml").mkdir()
    with pytest.raises(UnusableBook) as refused:
        load_book(folder, SERVICES)
    assert str(refused.value) == f"{folder}/menus/second.yaml cannot be read: is a directory"
