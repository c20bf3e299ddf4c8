"""One call of an `equivalent` run on integers against a stream of values: what a refutation of it is replayed with."""

from collections.abc import Collection, Mapping, Sequence

from spteproof.grammar import checked as c
from spteproof.solver import doubts
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.results import Row
from spteproof.solver.setting import Setting, Site


class CallRun:
    """The theorem's body, then the call: its k-th event finds the k-th value of the stream; reads at `ignored` sites
    are no events. `referred` are the locals that one call or the other is given by reference. `undisturbed`, nobody
    else changes the entry, and the stream is where it starts."""

    def __init__(
        self,
        setting: Setting,
        body: Sequence[c.Statement],
        call: c.HelperCall | c.Call,
        *,
        stream: Sequence[int],
        ghosts: Mapping[str, int],
        parameters: Mapping[str, int],
        inputs: Mapping[Site, int],
        ignored: Collection[Site],
        referred: Collection[str],
        undisturbed: bool,
    ) -> None:
        self.stream, self.compared, self.ignored, self.undisturbed = stream, call, ignored, undisturbed
        self.referred = referred
        self.problem: doubts.Doubt | None = None
        self.count = 0
        self.call = Call(dict(parameters))
        self.interpreter = Interpreter(setting, Values(stream[0], ghosts), self._arrive, inputs)
        try:
            self.interpreter.run(body, self.call)
            self.result = self.interpreter.value(call, self.call)
        except Stopped:
            self.problem = doubts.NOT_MET

    def _arrive(self, state: Values, site: Site) -> Values:
        if site in self.ignored or self.undisturbed:
            return state
        self.count += 1
        return Values(self.stream[min(self.count, len(self.stream)) - 1], state.ghosts)

    def left(self) -> list[int]:
        """What each event left; the stream's own value where there was none."""
        left = list(self.stream)
        events = [each for each in self.interpreter.happened if each.site not in self.ignored]
        if self.undisturbed:
            left = [self.interpreter.state.entry] * len(self.stream)
            events = [each for each in events if each.before.entry != each.after.entry]
        for number, event in enumerate(events):
            left[number] = event.after.entry
        return left

    def seen(self) -> tuple[object, ...]:
        """What tells two runs apart: what each event left, and what was given."""
        given = [self.call.read(name) for name in self.referred]
        return (self.left(), self.result, given, self.interpreter.state.ghosts)

    def rows(self, who: str) -> list[Row]:
        """The events, and between them what others left."""
        shown: list[Row] = []
        entry = self.stream[0]
        for each in self.interpreter.happened:
            if each.before.entry != entry:
                shown.append(Row(who=who, action="(others)", place=each.place, before=entry, after=each.before.entry))
            action = " ".join(each.place.text().split())
            entry = each.after.entry
            shown.append(Row(who=who, action=action, place=each.place, before=each.before.entry, after=entry))
        note = f"gives 0x{self.result:x}" if self.compared.sort is not None else ""
        return [*shown, Row(who=who, action="end", place=self.compared.place, before=entry, after=entry, note=note)]
