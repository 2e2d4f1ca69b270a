"""Ways of choosing who takes part, as data: what is asked, in which languages, and by which criteria people decide."""

from contracts.selection.loader import ProcedureError, all_procedures, load
from contracts.selection.procedure import Area, Form, Kind, Procedure, Question, Step

__all__ = ["Area", "Form", "Kind", "Procedure", "ProcedureError", "Question", "Step", "all_procedures", "load"]
