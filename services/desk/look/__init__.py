"""How everything looks: one stylesheet, one small script, the templates that all pages share."""
