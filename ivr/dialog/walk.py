"""One turn's way through the book: the state as it changes, and the moves that change it.

A `Walk` lives inside one `advance`; it starts from an immutable `Call` and ends in a `Turn` with
the next one.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from ivr.dialog import questions, ringing, trail
from ivr.dialog.call import Call, Detour, Identity, Spot, Stop, Tries
from ivr.dialog.directives import Directive, Say
from ivr.dialog.events import Card, Replied
from ivr.dialog.memory import Memory
from ivr.dialog.requests import request_of
from ivr.dialog.turns import (
    AwaitCard,
    AwaitReply,
    Finished,
    Request,
    Turn,
    Wait,
)
from ivr.errors import CallError
from ivr.flows.model import (
    Ask,
    Book,
    Branch,
    Choose,
    Do,
    End,
    Go,
    Line,
    Menu,
    Move,
    Pay,
    Step,
    Target,
    ToFlow,
    ToMenu,
    Transfer,
)
from ivr.flows.model import Say as SayStep
from ivr.flows.services import Level
from ivr.prompts.values import Text, Value
from ivr.telemetry import Secret

MOST_STEPS = 100
MOST_DETOURS = 4
COMPANY = "company"


class Walk:
    """The call while a turn is under way."""

    def __init__(self, book: Book, call: Call) -> None:
        self.book = book
        self.call = call
        self.spot = call.spot
        self.stack = call.stack
        self.trail = call.trail
        self.memory = Memory(call.memory)
        self.said = list(call.said)
        self.tries = call.tries
        self.language = call.language
        self.chose_language = call.chose_language
        self.pace = call.pace
        self.identity = call.identity
        self.repeats = call.repeats
        self.fixed = call.fixed
        self.reason = call.reason
        self.done = call.done
        self.seen = call.seen
        self.open = call.open
        self.secrets: dict[str, Secret | Card] = {}
        self.ran: list[Spot] = []
        self.steps = 0

    # Where we are

    def step(self) -> Step:
        """The step the call stands at."""
        if self.spot is None or self.spot.is_menu:
            raise CallError(f"no step at {self.spot}")
        return self.book.flows[self.spot.name].steps[self.spot.step]

    def question(self) -> Menu | Ask | Choose:
        """The question that is open."""
        if self.spot and self.spot.is_menu:
            return self.book.menus[self.spot.name]
        step = self.step()
        if isinstance(step, Ask | Choose):
            return step
        raise CallError(f"no question is open at {self.spot}")

    # What we know

    def learn(self, step: Do, reply: Replied) -> None:
        """Take what a service replied. A fact above the caller's level is not even kept."""
        if reply.identity:
            granted = step.service.grants.get(reply.outcome, Level.UNKNOWN)
            most = max(self.identity.level, granted)
            level = min(reply.identity.level, most)
            # Who is known by an account may prove it to be theirs, and does not become another.
            who = self.identity if step.service.level else reply.identity
            self._identified(replace(who, level=level))
        if reply.language and not self.chose_language:
            self.language = reply.language
        self.pace = reply.pace or self.pace
        if step.into:
            fields = step.service.every_outcome()[reply.outcome]
            known = {
                name: value
                for name, value in reply.fields.items()
                if name in fields and fields[name].level <= self.identity.level
            }
            self.memory.keep(step.into, known)
        if reply.outcome in step.service.settles:
            self.trail, self.open = (), None

    def _identified(self, who: Identity) -> None:
        """Take somebody for somebody; what was known of another account is forgotten."""
        if self.identity.account not in {None, who.account}:
            self.memory = Memory({})
            self.said = [say for say in self.said if all(name == COMPANY for name, _ in say.values)]
            self.trail, self.open = (), None
        self.identity = who

    def keep_answer(self, ask: Ask, value: Value) -> None:
        """Remember an answer; a secret one only until the end of this turn's next step."""
        if ask.secret:
            self.secrets[ask.answer] = Secret(getattr(value, "text", ""))
        else:
            self.memory.keep_answer(ask.answer, value)

    # What we say

    def spoken(self, line: Line) -> list[Say]:
        """A line as directives: none where its `needs` is no or a fact in it may not be known."""
        if not self.memory.holds(line.needs):
            return []
        values = self.memory.bind(line.binds)
        if values is None:
            return []
        values += ((COMPANY, Text(self.book.company)),)
        if line.others:
            return [
                Say(line.prompt, values, language, line.once)
                for language in self.book.languages
                if language != self.language
            ]
        return [Say(line.prompt, values, once=line.once)]

    def say(self, *lines: Line) -> None:
        """Speak lines before whatever comes next."""
        for line in lines:
            self.said += self.spoken(line)

    def say_prompt(self, prompt: str) -> None:
        """Speak a prompt of the engine's own."""
        self.said.append(Say(prompt, once=True))

    def clear_said(self) -> None:
        """A new subject: nothing said so far will be repeated."""
        self.said = []

    # How we go on

    def go(self, target: Target) -> Turn:
        """Follow a target until there is something to wait for."""
        match target:
            case ToMenu():
                return self._enter_menu(target.name)
            case ToFlow():
                if target == self.book.person:
                    self.leave_all()
                return self.run(Spot(target.name, 0))
            case Move.NEXT:
                return self.next()
            case Move.REPEAT:
                return self.pose(self.call.turn + 1)
            case Move.BACK:
                return self.back()
            case Move.END:
                return self.finish(Finished())
            case _:
                assert_never(target)

    def branch(self, branch: Branch) -> Turn:
        """Say what a branch says and follow it."""
        self.say(*branch.says)
        if branch.finishes:
            self.finish_job(branch.finishes)
        return self.go(branch.go)

    def next(self) -> Turn:
        """The step after this one; past the last one, back to what a detour was made for."""
        if self.spot is None or self.spot.is_menu:
            raise CallError("next has no meaning at a menu")
        if self.spot.step + 1 < len(self.book.flows[self.spot.name].steps):
            return self.run(Spot(self.spot.name, self.spot.step + 1))
        return self._return()

    def _return(self) -> Turn:
        if not self.stack:
            raise CallError(f"flow {self.spot and self.spot.name} ends nowhere")
        detour, self.stack = self.stack[-1], self.stack[:-1]
        if self.identity.level < detour.level:
            self.stack = ()
            return self.go(self.book.person)
        return self.run(detour.spot)

    def run(self, spot: Spot) -> Turn:
        """Carry out the step at `spot`, and those after it."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise CallError(f"more than {MOST_STEPS} steps in one turn at {spot}")
        self.spot = spot
        step = self.step()
        if not self.memory.holds(step.needs):
            return self.next()
        self.ran.append(spot)
        # To be put through is done when people have talked, not when a phone rings.
        if step.finishes and not isinstance(step, Transfer):
            self.finish_job(step.finishes)
        match step:
            case SayStep():
                self.say(step.line)
                return self.next()
            case Go():
                return self.go(step.target)
            case End():
                return self.finish(Finished())
            case Ask():
                return self._open(spot)
            case Choose():
                return self._open(spot) if questions.can_be_asked(self, step) else self.give_up()
            case Do():
                return self._do(step)
            case Pay():
                return self.finish(AwaitCard(step.method))
            case Transfer():
                return ringing.ring(self)
            case _:
                assert_never(step)

    def _do(self, step: Do) -> Turn:
        if self.identity.level < step.level:
            return self._detour()
        return self.await_reply(request_of(self, step))

    def _detour(self) -> Turn:
        """Identify the caller first, one level at a time, then come back to this step."""
        if self.spot is None or len(self.stack) >= MOST_DETOURS:
            raise CallError("too many detours")
        nearest = Level(self.identity.level + 1)
        self.stack = (*self.stack, Detour(self.spot, nearest))
        return self.go(self.book.identify[nearest])

    def await_reply(self, request: Request) -> Turn:
        """Stop until a service has answered; what was said so far waits with us."""
        return self._turn(self.call.turn, (), (), AwaitReply(request))

    # Questions

    def _enter_menu(self, name: str) -> Turn:
        menu = self.book.menus[name]
        spot = self.spot = Spot(name, -1)
        self.stack = ()
        self.say(*(menu.again if name in self.seen else menu.greet))
        if name not in self.seen:
            self.seen = (*self.seen, name)
        return self._open(spot)

    def _open(self, spot: Spot) -> Turn:
        """Ask the question at `spot`, remembering the last one for `*`."""
        if self.open and self.open.spot != spot:
            self.trail = trail.after(self, self.open, spot)
        self.open = Stop(spot, self.stack)
        return self.pose(self.call.turn + 1)

    def _is_question(self, spot: Spot) -> bool:
        return spot.is_menu or isinstance(self.book.flows[spot.name].steps[spot.step], Ask | Choose)

    def pose(self, turn: int, opening: Iterable[Directive] = ()) -> Turn:
        """Speak the open question, or take up again what else is being waited for."""
        if not (self.spot and self._is_question(self.spot)):
            return self._resume(turn)
        question = self.question()
        within = questions.words(self, question)
        said: tuple[Directive, ...] = (*self.said, *opening)
        wait = questions.wait(question, self.pace)
        if isinstance(question, Ask) and question.first:
            before = (*said, *self.spoken(question.first))
            return self._turn(turn, before, within, wait)
        return self._turn(turn, (), (*said, *within), wait)

    def _resume(self, turn: int) -> Turn:
        """What a call that is not at a question waits for: a card, or an agent's phone."""
        step = self.step()
        if isinstance(step, Pay):
            return self._turn(turn, tuple(self.said), (), AwaitCard(step.method))
        if isinstance(step, Transfer):
            return self._turn(turn, tuple(self.said), (), ringing.live_offer(self))
        raise CallError(f"nothing to resume at {self.spot}")

    def answered(self, *, fixed: bool = False) -> None:
        """The open question has its answer."""
        self.clear_said()
        self.tries = Tries(call=self.tries.call)
        self.repeats = 0
        self.fixed = fixed

    def ask_again(self, opening: Iterable[Directive] = ()) -> Turn:
        """The same question, after some help."""
        said, self.said = self.said, []
        turn = self.pose(self.call.turn + 1, opening)
        return replace(turn, call=replace(turn.call, said=tuple(said)))

    def give_up(self) -> Turn:
        """Lead on a caller whom the open question does not help, as its patience says."""
        self.clear_said()
        self.stack = ()
        # What went wrong before must not follow the caller to the person flow.
        self.tries = Tries()
        return self.branch(self.question().patience.give_up)

    def back(self) -> Turn:
        """The question before this one; where there is none, the home menu."""
        while self.trail:
            self.open, self.trail = self.trail[-1], self.trail[:-1]
            self.spot, self.stack = self.open.spot, self.open.stack
            if questions.can_be_asked(self, self.question()):
                if self.spot.is_menu:
                    self.say(*self.book.menus[self.spot.name].again)
                return self.pose(self.call.turn + 1)
        return self.home()

    def home(self) -> Turn:
        """The home menu, from which `*` leads nowhere else."""
        self.leave_all()
        return self.go(self.book.home)

    def leave_all(self) -> None:
        """Nothing asked so far is a place to go back to."""
        self.stack, self.trail, self.open = (), (), None

    def start_over(self) -> None:
        """Forget where the call was."""
        self.clear_said()
        self.leave_all()
        self.tries = Tries()

    # Ends

    def finish(self, wait: Wait) -> Turn:
        """End the turn with something other than a question."""
        before = tuple(self.said)
        self.said = []
        return self._turn(self.call.turn + 1, before, (), wait)

    def finish_job(self, job: str) -> None:
        self.done = (*self.done, job)
        self.tries = Tries()
        self.trail, self.open = (), None

    def _turn(
        self, turn: int, before: Iterable[Directive], within: Iterable[Directive], wait: Wait
    ) -> Turn:
        return Turn(self._call(turn, wait), tuple(before), tuple(within), wait, tuple(self.ran))

    def _call(self, turn: int, wait: Wait) -> Call:
        # Written out, since dataclasses.replace takes several times as long on this path.
        return Call(
            sid=self.call.sid,
            book=self.call.book,
            line=self.call.line,
            caller=self.call.caller,
            turn=turn,
            language=self.language,
            chose_language=self.chose_language,
            pace=self.pace,
            identity=self.identity,
            spot=self.spot,
            stack=self.stack,
            trail=self.trail,
            memory=self.memory.facts,
            said=tuple(self.said),
            tries=self.tries,
            repeats=self.repeats,
            fixed=self.fixed,
            reason=self.reason,
            done=self.done,
            seen=self.seen,
            open=self.open,
            ended=isinstance(wait, Finished),
        )
