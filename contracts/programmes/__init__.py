"""Programme templates: how a programme runs, as data. A new programme is a YAML file and its test, no Python.

Names no agency and no person: which agency takes which function is bound when a cohort starts.
"""

from contracts.programmes.loader import TemplateError, all_programmes, load
from contracts.programmes.template import Programme

__all__ = ["Programme", "TemplateError", "all_programmes", "load"]
