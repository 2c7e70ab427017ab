import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.document import Place
from ivr.prompts.prompt import (
    SPOKEN_KINDS,
    Part,
    Pause,
    Placeholder,
    Prompt,
    PromptError,
    parse_prompt,
)
from ivr.prompts.values import Kind

AT = Place("prompts/en.yaml", 3, 10)


def parse(text: str) -> Prompt:
    return parse_prompt("you-owe", text, AT)


def test_a_prompt_keeps_its_key_text_and_place() -> None:
    prompt = parse("Thanks for calling.")
    assert (prompt.key, prompt.text, prompt.at) == ("you-owe", "Thanks for calling.", AT)
    assert prompt.parts == ("Thanks for calling.",)


def test_a_prompt_is_cut_into_words_placeholders_and_pauses() -> None:
    assert parse("You owe {amount:money}.[.5] Bye, {company}").parts == (
        "You owe ",
        Placeholder("amount", Kind.MONEY),
        ".",
        Pause(0.5),
        " Bye, ",
        Placeholder("company", Kind.TEXT),
    )


def test_each_placeholder_is_listed_once_in_order() -> None:
    prompt = parse("{a:digits}, again {a:digits}, {b:date}")
    assert prompt.placeholders == (("a", Kind.DIGITS), ("b", Kind.DATE))


@pytest.mark.parametrize(
    ("mark", "seconds"), [("[.5]", 0.5), ("[0.3]", 0.3), ("[1]", 1.0), ("[10]", 10.0)]
)
def test_a_pause_is_written_in_seconds(mark: str, seconds: float) -> None:
    assert parse(f"Hello{mark}").parts == ("Hello", Pause(seconds))


@pytest.mark.parametrize(
    "mark", ["[]", "[0]", "[.0]", "[10.1]", "[-1]", "[1s]", "[half]", "[1.]", "[٣]", "[nan]"]
)
def test_a_pause_that_is_no_number_of_seconds_is_refused(mark: str) -> None:
    with pytest.raises(PromptError, match="is no pause: write seconds"):
        parse(f"Hello{mark}")


@pytest.mark.parametrize(
    ("text", "culprit"),
    [("a { b", "{"), ("a } b", "}"), ("{a{b}", "{"), ("{a}}", "}"), ("a [ b", "["), ("[.5]]", "]")],
)
def test_a_brace_or_bracket_without_its_partner_is_refused(text: str, culprit: str) -> None:
    with pytest.raises(PromptError) as refused:
        parse(text)
    assert str(refused.value).startswith(f'"{culprit}" without its partner')


@pytest.mark.parametrize("inside", ["", "Amount", "a b", " a", "1a", "-a", ":money", "año"])
def test_a_placeholder_needs_a_plain_name(inside: str) -> None:
    with pytest.raises(PromptError, match="does not name a placeholder"):
        parse(f"Pay {{{inside}}}")


def test_an_unknown_kind_is_refused_with_the_likely_one() -> None:
    with pytest.raises(PromptError, match='"mony" is no kind that can be spoken') as refused:
        parse("You owe {amount:mony}")
    assert refused.value.hint == "money"


def test_a_kind_like_no_other_is_refused_without_a_hint() -> None:
    with pytest.raises(PromptError) as refused:
        parse("You owe {amount:zzz}")
    assert refused.value.hint is None


@pytest.mark.parametrize("text", ["Pay {a\nb}", "Pay {a:b\nc}", "Hello[a\r\nb]"])
def test_a_refusal_stays_in_one_line_whatever_it_quotes(text: str) -> None:
    with pytest.raises(PromptError) as refused:
        parse(text)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("kind", ["", "yes-no", "choices", "MONEY"])
def test_a_kind_that_is_never_spoken_is_refused(kind: str) -> None:
    with pytest.raises(PromptError, match="is no kind that can be spoken"):
        parse(f"{{x:{kind}}}")


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
def test_a_character_that_cannot_be_spoken_is_refused_by_number(character: str) -> None:
    with pytest.raises(PromptError, match=f"U\\+{ord(character):04X} cannot be spoken"):
        parse(f"Hello{character}")


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_prompt_without_words_is_refused(text: str) -> None:
    with pytest.raises(PromptError, match="nothing to say"):
        parse(text)


def test_a_prompt_without_placeholders_is_recorded_whole() -> None:
    assert parse("Hello. [.5] Welcome.").recordings == ("you-owe",)


def test_a_prompt_with_placeholders_is_recorded_in_the_runs_that_have_words() -> None:
    prompt = parse("You owe {a:money}, [.2] due {b:date}.{c}{d}")
    assert prompt.recorded == (
        "you-owe.1",
        Placeholder("a", Kind.MONEY),
        "you-owe.2",
        Placeholder("b", Kind.DATE),
        Placeholder("c"),
        Placeholder("d"),
    )
    assert prompt.recordings == ("you-owe.1", "you-owe.2")


def test_a_pause_does_not_split_a_recording() -> None:
    assert parse("One [.5] two {a} three").recordings == ("you-owe.1", "you-owe.2")


WORDS = st.text(alphabet="aé1 .\n-", min_size=1).filter(str.strip)
PLACEHOLDERS = st.builds(
    Placeholder, st.from_regex(r"[a-z][a-z0-9-]*", fullmatch=True), st.sampled_from(SPOKEN_KINDS)
)
PAUSES = st.builds(Pause, st.integers(1, 100).map(lambda tenths: tenths / 10))


@given(st.lists(st.tuples(WORDS, PLACEHOLDERS | PAUSES), min_size=1))
def test_what_is_written_down_is_read_back(pairs: list[tuple[str, Placeholder | Pause]]) -> None:
    parts = tuple(part for pair in pairs for part in pair)
    assert parse("".join(map(_written, parts))).parts == parts


def _written(part: Part) -> str:
    match part:
        case Placeholder(name, kind):
            return f"{{{name}:{kind}}}"
        case Pause(seconds):
            return f"[{seconds}]"
        case str():
            return part


@given(st.text(alphabet="ab{}[]:.5- \n"))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    words, refusal = "", ""
    try:
        words = "".join(part for part in parse(text).parts if isinstance(part, str))
    except PromptError as refused:
        refusal = str(refused)
    assert not set(words) & set("{}[]")
    assert len(refusal.splitlines()) <= 1
