"""Which pages there are, and what each of them needs."""

from __future__ import annotations

from dataclasses import dataclass

from yjdisp.vocabulary import CHARACTERISTICS


@dataclass(frozen=True)
class Page:
    """A page of the app.

    Attributes:
        file: its name in pages/.
        title: its name in the menu.
        question: what it answers.
        by: the characteristics that it compares with a population, for which the shell draws the filters.
        needs_release: whether it has nothing to show without a release.
        answers: whether the meeting view goes through it.
    """

    file: str
    title: str
    question: str
    by: tuple[str, ...] = ()
    needs_release: bool = True
    answers: bool = True

    @property
    def path(self) -> str:
        return f"pages/{self.file}.py"


PAGES = (
    Page("overview", "Overview", "Which groups of children are over-represented?", CHARACTERISTICS),
    Page("ethnicity", "Ethnicity", "Are children of some ethnic groups over-represented?", ("ethnicity",)),
    Page("send", "SEND", "Are children with special educational needs over-represented?", ("send",)),
    Page("girls", "Girls", "Are girls or boys over-represented?", ("sex",)),
    Page("care", "Children looked after", "Are children looked after over-represented?", ("care",)),
    Page("intersections", "Intersections", "Which characteristics come together in the caseload?"),
    Page("gravity", "Gravity", "How grave are the offences of each group?"),
    Page("outcomes", "Outcomes", "Once in the system, are outcomes proportionate?"),
    Page("pathway", "Pathway", "At which stage does the disparity arise?"),
    Page("trends", "Trends", "Is it getting better?"),
    Page("action_plan", "Action plan", "What did we do about it?", needs_release=False, answers=False),
    Page("areas", "Areas", "How do we compare with other services and the nation?"),
    Page("data", "Data", "Load a case file and make a release", needs_release=False, answers=False),
    Page("export", "Export", "What can we take away?", answers=False),
    Page("methods", "Methods", "How are these numbers made and protected?", needs_release=False, answers=False),
)
