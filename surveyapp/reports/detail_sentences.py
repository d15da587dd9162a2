"""The sentences of a scorecard's later pages: change, agreement, facts, silence, signature."""

from typing import Final

from surveyapp.reports.context import Change, ClimateRow, Fact, Interval, ScorecardContext
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.sentences import climate_finding

_AVERAGE: Final = 50.0
_MOST_NAMED: Final = 3
_MOST_LATE: Final = 2


def last_wave(card: ScorecardContext, numbers: Numbers) -> str:
    """SEQ then: as issued and as it is seen now, for example "Spring 2026: issued 54, now seen as 53"."""
    last = card.last_wave
    if last is None:
        return ""
    seen = numbers.score(last.now_seen.value)
    issued = seen if last.issued is None else numbers.score(last.issued)
    told = numbers.say(
        "%(wave)s: issued %(issued)s, now seen as %(seen)s",
        wave=last.name,
        issued=issued,
        seen=seen,
    )
    if issued == seen:
        told = numbers.say("%(wave)s: %(score)s", wave=last.name, score=seen)
    return f"{told}, {_since(card, numbers) or numbers.say('no change we can tell')}"


def _since(card: ScorecardContext, numbers: Numbers) -> str:
    """How far SEQ has moved since the last wave, where that is more than chance explains."""
    step = _step(card)
    if step is None:
        return ""
    return numbers.say_count(
        "fell by %(size)s since, more than chance explains",
        "rose by %(size)s since, more than chance explains",
        1 if step < 0 else 2,
        size=numbers.size(step),
    )


def _step(card: ScorecardContext) -> float | None:
    last = card.last_wave
    if last is None or card.seq is None or not last.is_beyond_chance:
        return None
    return card.seq.value - last.now_seen.value


def climate_headline(card: ScorecardContext, numbers: Numbers) -> str:
    """What changed by more than chance explains and where people are split; else the finding.

    Without a last wave and without agreement it says how climate stands against the reference.
    """
    changes = [row for row in card.climate if row.change]
    step = _step(card)
    split = [numbers.term(r.label) for r in card.climate if r.agreement and r.agreement.is_split]
    if not changes and not split and step is None:
        return f"{climate_finding(card, numbers)}."
    told = [
        _seq_moved(step, numbers),
        _moved(changes, numbers, is_fall=True),
        _moved(changes, numbers, is_fall=False),
        numbers.say("people are split on %(names)s", names=_named(split, numbers)) if split else "",
    ]
    parts = [part for part in told if part]
    if changes and not any(told[:3]):
        parts.insert(0, numbers.say("no change we can tell"))
    elif changes:
        parts.append(numbers.say("no other change we can tell"))
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _seq_moved(step: float | None, numbers: Numbers) -> str:
    if step is None:
        return ""
    return numbers.say("SEQ fell") if step < 0 else numbers.say("SEQ rose")


def _moved(rows: list[ClimateRow], numbers: Numbers, *, is_fall: bool) -> str:
    names = [
        numbers.term(row.label)
        for row in rows
        if row.change and row.change.is_beyond_chance and (row.change.size < 0) == is_fall
    ]
    if not names:
        return ""
    if is_fall:
        return numbers.say_count(
            "%(names)s fell", "%(names)s have fallen", len(names), names=_named(names, numbers)
        )
    return numbers.say_count(
        "%(names)s rose", "%(names)s have risen", len(names), names=_named(names, numbers)
    )


def _named(names: list[str], numbers: Numbers) -> str:
    if len(names) <= _MOST_NAMED:
        return numbers.listed(names)
    return numbers.say("%(count)s dimensions", count=len(names))


def change(found: Change, numbers: Numbers) -> str:
    """A change in words, for a drawing's title."""
    if not found.is_beyond_chance:
        return numbers.say("no change we can tell")
    return numbers.say_count(
        "fell by %(size)s from %(before)s",
        "rose by %(size)s from %(before)s",
        1 if found.size < 0 else 2,
        size=numbers.size(found.size),
        before=numbers.score(found.before),
    )


def gap(found: Interval, numbers: Numbers) -> str:
    """Who sees it warmer, when the whole bar of the difference lies on one side of 0."""
    if not found.is_off(0.0):
        return numbers.say("no gap we can tell")
    size = numbers.size(found.value)
    if found.value > 0:
        return numbers.say("supplier %(size)s higher", size=size)
    return numbers.say("supplier %(size)s lower", size=size)


def blind_spots(card: ScorecardContext, numbers: Numbers) -> str:
    """Where the buyer sees it colder than the supplier believes; empty without the other side."""
    rows = [row for row in card.climate if row.gap]
    if not rows:
        return climate_finding(card, numbers)
    blind = [numbers.term(row.label) for row in rows if row.gap and row.gap.low > 0]
    if not blind:
        return numbers.say("Climate: no gap between the two sides that we can tell")
    return numbers.say(
        "Climate: the buyer sees %(names)s colder than the supplier believes",
        names=_named(blind, numbers),
    )


def facts_headline(card: ScorecardContext, numbers: Numbers) -> str:
    """Which facts are late, and how facts stand beside the feeling; or that none counts any more."""
    if card.facts and all(fact.is_stale or fact.value is None for fact in card.facts):
        return numbers.say("No current facts.")
    late = [fact.name for fact in card.facts if fact.is_late]
    if len(late) > _MOST_LATE:
        told = numbers.say(
            "%(count)s of %(all)s facts missed their target three quarters running.",
            count=len(late),
            all=len(card.facts),
        )
    elif late:
        told = numbers.say_count(
            "%(names)s missed its target three quarters running.",
            "%(names)s missed their targets three quarters running.",
            len(late),
            names=numbers.listed(late),
        )
    else:
        told = numbers.say("No fact missed its target three quarters running.")
    beside = _facts_beside_feeling(card, numbers)
    return f"{told} {beside}".strip()


def _facts_beside_feeling(card: ScorecardContext, numbers: Numbers) -> str:
    if card.quadrant is None or card.seq is None:
        return ""
    facts = _side(card.quadrant.facts.low, card.quadrant.facts.high)
    feeling = _side(card.seq.low, card.seq.high)
    told = {
        ("below", "below"): numbers.say("Facts and feeling are both clearly below average."),
        ("above", "above"): numbers.say("Facts and feeling are both clearly above average."),
        ("below", "above"): numbers.say("Loved but failing: the facts are clearly below average."),
        ("above", "below"): numbers.say(
            "Delivering but disliked: the facts are clearly above average."
        ),
        ("below", "across"): numbers.say(
            "The facts are clearly below average; the feeling is not, or not yet."
        ),
        ("above", "across"): numbers.say(
            "The facts are clearly above average; of the feeling we cannot tell."
        ),
    }
    return told.get((facts, feeling), numbers.say("We cannot tell the facts from average."))


def _side(low: float, high: float) -> str:
    if high < _AVERAGE:
        return "below"
    return "above" if low > _AVERAGE else "across"


def quadrant_note(card: ScorecardContext, numbers: Numbers) -> str:
    """Which corners are possible, given both bars."""
    if card.quadrant is None or card.seq is None:
        return ""
    corners = possible_corners(card.quadrant.facts, card.seq.low, card.seq.high)
    names = [numbers.quoted(numbers.term(corner)) for corner in corners]
    told = numbers.say(
        "Facts %(facts)s (%(facts_bar)s), perception %(seq)s (%(seq_bar)s).",
        facts=numbers.score(card.quadrant.facts.value),
        facts_bar=numbers.interval(card.quadrant.facts),
        seq=numbers.score(card.seq.value),
        seq_bar=numbers.interval(card.seq),
    )
    if len(corners) == 1:
        return f"{told} {numbers.say('Both bars lie in %(corner)s.', corner=names[0])}"
    return f"{told} {numbers.say('Possible: %(corners)s.', corners=numbers.listed(names))}"


def possible_corners(facts: Interval, low: float, high: float) -> list[str]:
    """Corners of the quadrant that both bars reach."""
    corners = {
        "Loved but failing": facts.low < _AVERAGE <= high,
        "Liked and delivering": facts.high >= _AVERAGE and high >= _AVERAGE,
        "Disliked and failing": facts.low < _AVERAGE and low < _AVERAGE,
        "Delivering but disliked": facts.high >= _AVERAGE > low,
    }
    return [corner for corner, is_possible in corners.items() if is_possible]


def target(fact: Fact, numbers: Numbers) -> str:
    """The target in words: "at least 96%"."""
    if fact.target is None:
        return ""
    value = numbers.fact(fact, fact.target)
    if fact.direction == "at least":
        return numbers.say("at least %(value)s", value=value)
    return numbers.say("at most %(value)s", value=value)


def against_target(fact: Fact, numbers: Numbers) -> str:
    """Met, missed, for how long; or why it does not count."""
    if fact.is_stale:
        return numbers.say("not counted")
    if fact.value is None:
        return numbers.say("no value yet")
    if fact.is_met is None:
        return numbers.say("no target")
    if fact.is_late:
        return numbers.say("missed %(count)s quarters running", count=fact.missed_running)
    return numbers.say("met") if fact.is_met else numbers.say("missed")


def stale_note(card: ScorecardContext, numbers: Numbers) -> str:
    """Which facts are too old to count; empty when none is."""
    stale = [fact.name for fact in card.facts if fact.is_stale]
    if not stale:
        return ""
    return numbers.say_count(
        "%(names)s is too old: left out of every figure until a new value arrives.",
        "%(names)s are too old: left out of every figure until new values arrive.",
        len(stale),
        names=numbers.listed(stale),
    )
