"""What a residence status allows on the labour market on a date, with the legal source: information, not legal advice.

Pure data and arithmetic: who asks for whom, and when somebody is told of a change, belongs to intake.
"""

from contracts.work_rights.answers import DISCLAIMER, WorkRights, answer, changes_after
from contracts.work_rights.facts import History, ResidenceFacts
from contracts.work_rights.loader import RulesError, countries, load, rules_of
from contracts.work_rights.tables import Right

__all__ = [
    "DISCLAIMER",
    "History",
    "ResidenceFacts",
    "Right",
    "RulesError",
    "WorkRights",
    "answer",
    "changes_after",
    "countries",
    "load",
    "rules_of",
]
