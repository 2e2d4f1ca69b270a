"""The traces of a onebox: received over OTLP/HTTP, kept for 14 days, searched by journey and event.

A production deployment sends its spans to Jaeger or another backend instead.
"""
