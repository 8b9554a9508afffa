"""The weekly health report: inputs frozen once, content built purely from them, then drawn as page, PDF and mail."""
