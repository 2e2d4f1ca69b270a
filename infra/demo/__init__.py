"""The demo region: invented agencies and people with a year behind them, made over HTTP like everything else.

Nothing here writes into a table, and nothing here is used outside a demo or a test.
"""
