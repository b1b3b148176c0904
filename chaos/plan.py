"""plan draws a whole story from a seed, for whoever plays or repeats it; it is pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from chaos.profiles import ROLL_SECONDS, Profile
from chaos.script import TRAITS, Aim, Behaviour, Edit, FaultPlan, Kind, TaskPlan, Verb

FIRST_SECONDS = 3.0
"""Calm at the begin, and at the end for the last fault."""

PERIODS = (1, 2, 3, 5, 10, 15)
"""What an edited schedule may become, in seconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A story before it is played: the same for the same seed, length and profile."""

    seed: int
    seconds: float
    profile: Profile
    tasks: tuple[TaskPlan, ...]
    edits: tuple[Edit, ...]
    faults: tuple[FaultPlan, ...]

    def __str__(self) -> str:
        """Return all that will happen, one a line, in its order."""
        head = f"seed {self.seed}, {self.seconds:g} s, profile {self.profile.name}"
        cast = [
            f"   task    {task.name}, {task.policy}{', edited' if task.edited else ''}"
            for task in self.tasks
        ]
        happens = [(edit.at, str(edit)) for edit in self.edits]
        happens += [(fault.at, str(fault)) for fault in self.faults]
        return "\n".join([head, *cast, *(line for _, line in sorted(happens))])


def draw(seed: int, seconds: float, profile: Profile) -> Plan:
    """Return the story of `seed`, `seconds` long."""
    # Random of a text is the same in every version of Python; it is no cryptography.
    random = Random(f"{profile.name} {seed} {seconds:g}")  # noqa: S311
    tasks = tuple(_cast(profile, seconds))
    faults = sorted(_faults(random, seconds, profile), key=lambda fault: fault.at)
    edits = tuple(_edits(random, seconds, profile, tasks))
    return Plan(seed, seconds, profile, tasks, edits, tuple(faults))


def _cast(profile: Profile, seconds: float) -> Iterator[TaskPlan]:
    number = 0
    for behaviour, period, count in profile.cast:
        for index in range(count):
            once = behaviour is Behaviour.ONCE
            yield TaskPlan(
                name=f"{behaviour}-{period}s-{index}",
                behaviour=behaviour,
                # Spread over the story.
                period=int(3 + index * seconds / count) if once else period,
                policy=profile.policies[number // 2 % len(profile.policies)],
                edited=not once and index % 2 == 1,
            )
            number += 1


def _faults(random: Random, seconds: float, profile: Profile) -> Iterator[FaultPlan]:
    if profile.kinds == (Kind.ROLL,):
        for number in range(1, int(seconds / ROLL_SECONDS)):
            operator = (number - 1) % profile.operators
            yield FaultPlan(number * ROLL_SECONDS, Kind.ROLL, 0, operator)
        return
    for kinds in profile.lanes.values():
        at = FIRST_SECONDS + random.uniform(0, profile.pause_seconds[1])
        while at < seconds - FIRST_SECONDS:
            kind = random.choice(kinds)
            trait = TRAITS[kind]
            longest = min(trait.most, max(trait.least, seconds / 4))
            length = min(random.uniform(trait.least, longest), seconds - at)
            yield FaultPlan(round(at, 2), kind, round(length, 1), _target(random, kind, profile))
            at += length + random.uniform(*profile.pause_seconds)


def _target(random: Random, kind: Kind, profile: Profile) -> int | None:
    operator = random.randrange(profile.operators)
    aim = TRAITS[kind].aim
    # Alone it is met more often: that is where others must take over.
    one = aim is Aim.ONE or (aim is Aim.EITHER and random.random() < 0.7)
    return operator if one else None


def _edits(
    random: Random, seconds: float, profile: Profile, tasks: tuple[TaskPlan, ...]
) -> Iterator[Edit]:
    edited = [task for task in tasks if task.edited]
    absent: set[str] = set()
    suspended: set[str] = set()
    at = FIRST_SECONDS
    while (at := at + random.uniform(0.2, 1.8) * profile.edit_seconds) < seconds - FIRST_SECONDS:
        moment = round(at, 2)
        if random.random() < 0.2:
            # Also of those that nobody edits: a run on request moves none of their own.
            task = random.choice(tasks)
            if task.name not in absent:
                yield Edit(moment, Verb.RUN_NOW, task.name)
            continue
        task = random.choice(edited)
        verb = _verb(random, task, absent, suspended)
        yield Edit(
            moment, verb, task.name, random.choice(PERIODS) if verb is Verb.RESCHEDULE else 0
        )
        if verb is Verb.DELETE and random.random() < 0.5:
            # Recreated at once, under the same name.
            absent.discard(task.name)
            yield Edit(round(at + 0.01, 2), Verb.CREATE, task.name)


def _verb(random: Random, task: TaskPlan, absent: set[str], suspended: set[str]) -> Verb:
    """Choose what is done to `task`, and note what it is afterwards."""
    name = task.name
    if name in absent:
        absent.discard(name)
        return Verb.CREATE
    if name in suspended and random.random() < 0.7:
        suspended.discard(name)
        return Verb.RESUME
    verb = random.choice((Verb.SUSPEND, Verb.SUSPEND, Verb.RESCHEDULE, Verb.DELETE, Verb.TOUCH))
    if verb is Verb.RESCHEDULE and task.behaviour is not Behaviour.PLAIN:
        verb = Verb.TOUCH
    if verb is Verb.SUSPEND:
        suspended.add(name)
    elif verb is Verb.DELETE:
        absent.add(name)
        suspended.discard(name)
    return verb
