"""What a residence status allows on the labour market on a date, with the legal source: information, not legal advice.

Pure data and arithmetic: who asks for whom, and when somebody is told of a change, belongs to intake.
"""

from contracts.work_rights.loader import RulesError, load, rules_of
from contracts.work_rights.rules import DISCLAIMER, ResidenceFacts, WorkRights, answer, changes_after

__all__ = [
    "DISCLAIMER",
    "ResidenceFacts",
    "RulesError",
    "WorkRights",
    "answer",
    "changes_after",
    "load",
    "rules_of",
]
