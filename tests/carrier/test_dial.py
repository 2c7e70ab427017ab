"""Second legs: ringing, screening, bridging, and who hears how it went."""

import pytest

from ivr.carrier.phone import Phone
from ivr.carrier.waits import Agent, Keys, Reply, ScriptedAgents, Wait
from tests.carrier.script import AGENT, CALLER, App, Page, heard, ring

EVENTS = "initiated ringing answered completed"
DIAL = (
    "<Dial action='/after' timeout='15'><Number url='/screen' statusCallback='/leg' "
    f"statusCallbackEvent='{EVENTS}'>{AGENT}</Number></Dial><Say>Never.</Say>"
)
SCREEN = "<Gather numDigits='1' timeout='4' action='/accept'><Say>Press 1.</Say></Gather><Hangup/>"


def dial(agent: Agent | None, verb: str = DIAL) -> tuple[Phone, App]:
    pages: dict[str, Page | list[Page]] = {
        "/voice": verb,
        "/screen": SCREEN,
        "/accept": "<Say>PIN checked.</Say>",
        "/after": "<Say>Welcome back.</Say>",
    }
    return ring(pages, agent)


@pytest.mark.parametrize(
    ("agent", "status", "bridged", "timed"),
    [
        (Agent(keys="1"), "completed", "true", True),
        (Agent(keys=""), "completed", "false", True),  # runs into <Hangup/>
        (Agent(keys="x"), "completed", "false", True),
        (Agent(busy=True), "busy", "false", False),
        (Agent(answers=False), "no-answer", "false", False),
        (Agent(rings=21), "no-answer", "false", False),  # 15 s and the buffer of 5
        (None, "no-answer", "false", False),
    ],
)
def test_the_action_hears_how_it_went(
    agent: Agent | None, status: str, bridged: str, timed: bool
) -> None:
    phone, app = dial(agent)
    form = app.form("/after")
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, bridged)
    assert ("DialCallDuration" in form) is timed
    assert form["DialCallSid"] != form["CallSid"] == phone.sid
    assert phone.said == ["Welcome back."]


def test_the_screening_document_is_asked_for_on_the_agents_leg() -> None:
    _, app = dial(Agent(keys="1"))
    form, accepted = app.form("/screen"), app.form("/accept")
    assert (form["To"], form["From"], form["Direction"]) == (AGENT, CALLER, "outbound-dial")
    assert form["ParentCallSid"] == app.form("/voice")["CallSid"]
    assert form["CallSid"] == app.form("/after")["DialCallSid"]
    assert form["CallStatus"] == "in-progress"
    assert (accepted["Digits"], accepted["CallSid"]) == ("1", form["CallSid"])


def test_what_the_agent_hears_is_not_what_the_caller_hears() -> None:
    phone, _ = dial(Agent(keys="1"))
    agent = [entry.text for entry in heard(phone, "said") if entry.to == "agent"]
    assert agent == ["Press 1.", "PIN checked."]
    assert "PIN checked." not in phone.text


@pytest.mark.parametrize(
    ("agent", "events"),
    [
        (Agent(keys="1"), ["initiated", "ringing", "in-progress", "completed"]),
        (Agent(answers=False), ["initiated", "ringing", "no-answer"]),
        (Agent(busy=True), ["initiated", "ringing", "busy"]),
        (Agent(caller_leaves="ringing"), ["initiated", "ringing", "canceled"]),
    ],
)
def test_the_leg_reports_its_progress(agent: Agent, events: list[str]) -> None:
    _, app = dial(agent)
    forms = [form for path, form in app.asked if path == "/leg"]
    assert [form["CallStatus"] for form in forms] == events
    assert [form["SequenceNumber"] for form in forms] == [str(n) for n in range(len(events))]
    assert ("CallDuration" in forms[-1]) is (events[-1] == "completed")


def test_only_the_events_asked_for_are_reported() -> None:
    verb = DIAL.replace(EVENTS, "answered")
    _, app = dial(Agent(keys="1"), verb)
    assert app.paths.count("/leg") == 1


@pytest.mark.parametrize(
    ("agent", "status", "bridged"),
    [
        (Agent(caller_leaves="ringing"), "canceled", "false"),
        (Agent(caller_leaves="screening"), "completed", "false"),
        (Agent(keys="1", caller_leaves="talking"), "completed", "true"),
    ],
)
def test_a_caller_who_leaves_ends_the_call_and_the_action_is_told(
    agent: Agent, status: str, bridged: str
) -> None:
    phone, app = dial(agent)
    form = app.form("/after")
    assert phone.ended
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, bridged)
    assert form["CallStatus"] == "completed"
    assert "Welcome back." not in phone.text
    assert app.paths[-1] == "/voice/status"


def test_without_an_action_the_next_verb_follows() -> None:
    phone, _ = dial(None, f"<Dial>{AGENT}</Dial><Say>Nobody came.</Say>")
    assert phone.said == ["Nobody came."]


def test_without_an_action_a_caller_who_leaves_ends_the_call() -> None:
    phone, _ = dial(Agent(caller_leaves="talking"), f"<Dial>{AGENT}</Dial><Say>Never.</Say>")
    assert phone.ended
    assert phone.said == []


def test_a_number_without_screening_is_bridged_when_it_answers() -> None:
    verb = f"<Dial action='/after' callerId='+12025550100'><Number>{AGENT}</Number></Dial>"
    _, app = dial(Agent(talks=90), verb)
    assert app.form("/after")["DialBridged"] == "true"
    assert app.form("/after")["DialCallDuration"] == "90"


def test_a_talk_ends_at_its_limit() -> None:
    verb = f"<Dial action='/after' timeLimit='30'><Number>{AGENT}</Number></Dial>"
    _, app = dial(Agent(talks=90), verb)
    assert app.form("/after")["DialCallDuration"] == "30"


def test_ringing_and_talking_take_their_time() -> None:
    phone, _ = dial(Agent(answers=False))
    assert phone.seconds == pytest.approx(0.5 + 20 + 0.5 + 2 * 0.375)


@pytest.mark.parametrize("verb", ["<Dial>+12025550100</Dial>", "<Redirect>/x</Redirect>", "<Pay/>"])
def test_an_agent_before_the_bridge_gets_no_other_verbs(verb: str) -> None:
    phone, app = ring({"/voice": DIAL, "/screen": verb}, Agent())
    assert app.form("/after")["DialBridged"] == "true"
    assert "not allowed before the bridge" in phone.warnings[0].text


def test_a_failing_screening_document_is_not_a_bridge() -> None:
    failing: Page = (500, {}, b"")
    phone, app = ring({"/voice": DIAL, "/screen": failing}, Agent())
    assert app.form("/after")["DialBridged"] == "false"
    assert [error.code for error in phone.errors] == [11200]


def test_only_one_number_is_rung() -> None:
    verb = f"<Dial><Number>{AGENT}</Number><Number>+12025550171</Number></Dial>"
    phone, _ = dial(None, verb)
    assert [entry.text for entry in heard(phone, "no-answer")] == [AGENT]
    assert "only the first <Number>" in phone.warnings[0].text


def test_agents_may_be_decided_live() -> None:
    seen: list[str] = []

    def operator(wait: object) -> Agent:
        seen.append(type(wait).__name__)
        return Agent(answers=False)

    ring(DIAL, operator=operator)
    assert seen == ["Ringing"]


@pytest.mark.parametrize(
    ("at", "nonsense", "message"),
    [
        ("Ringing", Keys("1"), "answers a ringing phone"),
        ("Listening", Agent(), "answer a listening line"),
        ("Talking", Keys("1"), "ends a talk"),
    ],
)
def test_a_reply_that_does_not_fit_is_refused(at: str, nonsense: Reply, message: str) -> None:
    scripted = ScriptedAgents({AGENT: Agent(keys="1")})

    def operator(wait: Wait) -> Reply:
        return nonsense if type(wait).__name__ == at else scripted(wait)

    pages = {"/voice": DIAL, "/screen": SCREEN}
    with pytest.raises(TypeError, match=message):
        ring(pages, operator=operator)


def test_agents_may_be_given_after_the_phone_was_made() -> None:
    pages = {"/voice": f"<Gather numDigits='1' action='/dial'/>{DIAL}", "/screen": SCREEN}
    phone, app = ring(pages)
    phone.agents = {AGENT: Agent(keys="1")}
    phone.silence()
    assert app.form("/after")["DialBridged"] == "true"
