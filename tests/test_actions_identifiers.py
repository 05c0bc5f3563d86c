"""What free text may not hold, and what it may."""

from __future__ import annotations

from datetime import date

import pytest

from yjdisp.actions.identifiers import BIRTH_DATE, EMAIL, NUMBER, kind

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    [
        "He was 15 (03/05/2011) at the time",
        "03.05.11",
        "3-5-2011",
        "03 / 05 / 2011",
        "2011-05-03",
        "3 May 2011",
        "3rd of May, 2011",
        "May 3rd, 2011",
        "3May2011",
        "3 Sept 11",
        "05/23/2012",
        "born in 2011",
        "D.O.B. 2011",
        "dob: May 2011",
        "date of birth is 1 March 2026",
        "０３/０５/２０１１",
        "03\u201105\u20112011",
        "03\u200b/05/2011",
    ],
)
def test_dates_of_birth(text):
    assert kind(text, today=TODAY) == BIRTH_DATE


@pytest.mark.parametrize("text", ["Ask jo.smith@example.org", "jo@school", "write to jo @ example . org"])
def test_email_addresses(text):
    assert kind(text, today=TODAY) == EMAIL


@pytest.mark.parametrize(
    "text",
    [
        "case 482913",
        "485 777 3456",
        "485-777-3456",
        "4857773456",
        "A123456789012",
        "T12345678901A",
        "CV12345",
        "YOT-00412",
        "11/482913A",
        "2011/0482913Q",
        "14/0000/00/123456Q",
        "QQ 12 34 56 C",
        "ring 07700 900123",
        "+44 7700 900 123",
        "0117 496 0123",
        "(01225) 496012",
        "child ID 4821",
        "client no. 981",
        "case ref: AB/981",
        "URN 4821",
        "pupil number is 482",
        "NHS no 482",
    ],
)
def test_numbers(text):
    assert kind(text, today=TODAY) == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "By 31 March 2027, and again on 01/09/2027",
        "Agreed by the board on 2026-04-14",
        "Inspection of 12 December 2024, recommendation 3.2",
        "The plan for 2021/22 to 2023/24, and 2024-2027",
        "Children aged 10–14, boys and girls",
        "Year to 2021/22 Q3",
        "6 of 20 children, then 5 of 20: 30.0% to 25.0%",
        "Costs £25,000 a year, £150000 in all",
        "16,718 children in 2021, of whom 1,721 from all other ethnic groups combined",
        "RRI of 1.234567 against White",
        "Outcome 22 for 38% of them; section 250",
        "A4 leaflet, Key Stage 3, Covid-19, B&NES",
        "Reference group: White. Ref 2024 plan, page 112",
        "See chapter 4 of the case management guidance 2022",
    ],
)
def test_what_a_plan_says_is_allowed(text):
    assert kind(text, today=TODAY) is None
